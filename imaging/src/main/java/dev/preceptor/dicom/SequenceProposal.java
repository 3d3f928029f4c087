package dev.preceptor.dicom;

import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which sequence an image is by its header. A proposal is certain only if two independent sources agree: the words of the description
 * or protocol, and the times of the pulse sequence. Contrast agent counts as T1CE only of a T1 image, and a T1 image of which no plain
 * word says that it is before contrast is not certain: anonymised headers often lack the agent.
 *
 * <p>Times in milliseconds, by the usual ranges of the field: T1 has an echo time of at most 30 and a short repetition time, gradient
 * echoes or an inversion below 1400; T2 has an echo time of at least 70 and a repetition time of at least 2000; FLAIR has those of T2
 * and an inversion of at least 1500.
 *
 * @param sequence the proposed sequence; empty if the header says too little, contradicts itself, or names another contrast
 * @param certain whether it may be used without confirmation
 * @param reasons what in the header says so, in a few words each; never a name
 */
public record SequenceProposal(Optional<Sequence> sequence, boolean certain, List<String> reasons) {
    private static final Pattern WITHOUT = Pattern.compile("(?<![a-z0-9])w/o(ut)?(?![a-z0-9])");
    private static final Set<String> T1_WORDS = Set.of(
            "t1", "t1w", "t1ce", "t1c", "t1gd", "mprage", "mpr", "mp2rage", "spgr", "fspgr", "bravo", "tfe", "vibe");
    private static final Set<String> T2_WORDS = Set.of("t2", "t2w", "t2tse", "t2fse");
    private static final Set<String> FLAIR_WORDS = Set.of("flair", "t2flair", "darkfluid", "dark");
    private static final Set<String> OTHER_WORDS = Set.of(
            "dwi",
            "adc",
            "dti",
            "trace",
            "diff",
            "diffusion",
            "swi",
            "swan",
            "perf",
            "perfusion",
            "pwi",
            "dsc",
            "dce",
            "asl",
            "bold",
            "fmri",
            "tof",
            "mra",
            "mrv",
            "angio",
            "loc",
            "localizer",
            "localiser",
            "scout",
            "survey",
            "pd",
            "pdw",
            "sub",
            "subtraction",
            "map",
            "t2*",
            "t2star",
            "phase");

    public SequenceProposal {
        reasons = List.copyOf(reasons);
    }

    /** The proposal for an image. */
    public static SequenceProposal of(DicomImage image) {
        DataSet header = image.header();
        List<String> reasons = new ArrayList<>();
        String modality = header.text(Tag.MODALITY).orElse("");
        if (!modality.equals("MR")) {
            reasons.add(modality.isEmpty() ? "no modality is stated" : "its modality is " + modality);
            return new SequenceProposal(
                    modality.equals("CT") ? Optional.of(Sequence.CT) : Optional.empty(),
                    modality.equals("CT"),
                    reasons);
        }
        List<List<String>> texts = texts(header);
        Set<String> words = words(texts);
        Optional<String> other =
                words.stream().filter(OTHER_WORDS::contains).sorted().findFirst();
        Optional<String> derived = header.texts(Tag.IMAGE_TYPE).stream()
                .filter(
                        Set.of("ADC", "PHASE", "P", "PROJECTION IMAGE", "SUBTRACTION", "LOCALIZER", "PERFUSION")
                                ::contains)
                .findFirst();
        double[] b = image.firstFrame().groupOrTop(Tag.MR_DIFFUSION).decimals(Tag.DIFFUSION_B_VALUE);
        if (other.isPresent() || derived.isPresent() || b.length > 0 && b[0] > 0) {
            reasons.add(other.map(word -> "its description has the word " + word)
                    .or(() -> derived.map(type -> "its image type is " + type))
                    .orElse("it is diffusion-weighted"));
            return new SequenceProposal(Optional.empty(), false, reasons);
        }
        Optional<Sequence> said = byWords(words, reasons);
        Optional<Sequence> timed = byTimes(image, reasons);
        if (said.isPresent() && timed.isPresent() && !said.equals(timed)) {
            reasons.add("which contradict each other");
            return new SequenceProposal(Optional.empty(), false, reasons);
        }
        Optional<Sequence> weighting = said.or(() -> timed);
        boolean agree = said.isPresent() && timed.isPresent();
        if (weighting.equals(Optional.of(Sequence.T1))) {
            return contrast(image, ContrastWords.of(texts), agree, reasons);
        }
        if (weighting.isEmpty()) {
            reasons.add("neither description nor times say which sequence it is");
        }
        return new SequenceProposal(weighting, agree, reasons);
    }

    private static SequenceProposal contrast(
            DicomImage image, ContrastWords words, boolean agree, List<String> reasons) {
        boolean agent = hasAgent(image);
        if (agent) {
            reasons.add("a contrast agent is stated");
        }
        String open = words.isPlain() ? "" : ", which may mean something else";
        if (words.before() && words.after()) {
            reasons.add("its description has words for images before and after contrast");
            return new SequenceProposal(Optional.of(agent ? Sequence.T1CE : Sequence.T1), false, reasons);
        }
        if (words.before()) {
            reasons.add("its description has a word for an image before contrast" + open);
            return new SequenceProposal(Optional.of(Sequence.T1), agree && !agent && words.isPlain(), reasons);
        }
        if (words.after()) {
            reasons.add("its description has a word for contrast" + (agent ? "" : open));
            return new SequenceProposal(Optional.of(Sequence.T1CE), agree && (agent || words.isPlain()), reasons);
        }
        reasons.add(agent ? "its description does not say so" : "nothing says whether contrast was given");
        return new SequenceProposal(Optional.of(agent ? Sequence.T1CE : Sequence.T1), false, reasons);
    }

    private static boolean hasAgent(DicomImage image) {
        DataSet header = image.header();
        boolean named = header.text(Tag.CONTRAST_AGENT)
                .map(text -> text.toUpperCase(Locale.ROOT))
                .filter(text -> !Set.of("NO", "NONE", "N", "0", "-", "NA", "N/A", "UNKNOWN", "WITHOUT")
                        .contains(text))
                .isPresent();
        return named
                || !header.items(Tag.CONTRAST_AGENT_CODES).isEmpty()
                || DicomFrame.group(
                                image.firstFrame().file(), image.firstFrame().index(), Tag.CONTRAST_BOLUS_USAGE)
                        .isPresent();
    }

    /** The words of description and protocol in their order. */
    private static List<List<String>> texts(DataSet header) {
        return Stream.of(Tag.SERIES_DESCRIPTION, Tag.PROTOCOL_NAME)
                .flatMap(tag -> header.text(tag).stream())
                .map(text -> text.toLowerCase(Locale.ROOT).replace("dark-fluid", "darkfluid"))
                .map(text -> WITHOUT.matcher(text).replaceAll("without"))
                .map(text -> List.of(text.split("[^a-z0-9+*]+")))
                .toList();
    }

    private static Set<String> words(List<List<String>> texts) {
        Set<String> words = texts.stream().flatMap(List::stream).collect(Collectors.toCollection(HashSet::new));
        // "tirm dark fluid" is a FLAIR by Siemens's name; "dark" alone is "dark blood".
        if (words.contains("dark") && !words.contains("fluid")) {
            words.remove("dark");
        }
        return words;
    }

    private static Optional<Sequence> byWords(Set<String> words, List<String> reasons) {
        boolean flair = words.stream().anyMatch(FLAIR_WORDS::contains);
        boolean t1 = words.stream().anyMatch(T1_WORDS::contains);
        boolean t2 = words.stream().anyMatch(T2_WORDS::contains);
        if (t1 && (t2 || words.contains("t2flair"))) {
            reasons.add("its description names T1 and T2");
            return Optional.empty();
        }
        // An inversion-recovery T1 is called "T1 FLAIR".
        Optional<Sequence> said = t1
                ? Optional.of(Sequence.T1)
                : flair ? Optional.of(Sequence.FLAIR) : t2 ? Optional.of(Sequence.T2) : Optional.empty();
        said.ifPresent(sequence -> reasons.add("its description names " + sequence));
        return said;
    }

    private static Optional<Sequence> byTimes(DicomImage image, List<String> reasons) {
        DicomFrame frame = image.firstFrame();
        OptionalDouble repetition = first(frame, Tag.MR_TIMING, Tag.REPETITION_TIME, Tag.REPETITION_TIME);
        OptionalDouble echo = first(frame, Tag.MR_ECHO, Tag.EFFECTIVE_ECHO_TIME, Tag.ECHO_TIME);
        OptionalDouble inversion = first(frame, Tag.MR_MODIFIER, Tag.INVERSION_TIMES, Tag.INVERSION_TIME);
        if (repetition.isEmpty() || echo.isEmpty()) {
            reasons.add("it states no repetition and echo time");
            return Optional.empty();
        }
        double tr = repetition.getAsDouble();
        double te = echo.getAsDouble();
        double ti = inversion.orElse(0);
        List<String> kinds = Stream.of(frame.file().dataSet(), frame.groupOrTop(Tag.UNASSIGNED_SHARED_ATTRIBUTES))
                .flatMap(from -> from.texts(Tag.SCANNING_SEQUENCE).stream())
                .toList();
        boolean gradient = kinds.contains("GR")
                || frame.file().dataSet().texts(Tag.ECHO_PULSE_SEQUENCE).contains("GRADIENT");
        Optional<Sequence> timed = Optional.empty();
        if (te >= 70 && tr >= 2000) {
            timed = Optional.of(ti >= 1500 ? Sequence.FLAIR : Sequence.T2);
        } else if (te <= 30 && ti < 1400 && (tr <= 1000 || ti >= 400 || gradient && te <= 10 && tr <= 3000)) {
            timed = Optional.of(Sequence.T1);
        }
        String times =
                String.format(Locale.ROOT, "TR %.5g, TE %.4g%s ms", tr, te, ti > 0 ? ", TI " + Math.round(ti) : "");
        reasons.add(timed.map(sequence -> times + " are those of " + sequence)
                .orElse(times + " are those of none of T1, T2 and FLAIR"));
        return timed;
    }

    private static OptionalDouble first(DicomFrame frame, Tag group, Tag enhanced, Tag classic) {
        double[] inGroup = frame.groupOrTop(group).decimals(enhanced);
        if (inGroup.length > 0) {
            return OptionalDouble.of(inGroup[0]);
        }
        // Images converted from classic ones keep what has no place in a sequence of its own (PS3.3, C.7.6.16.2.25).
        return Stream.of(
                        frame.file().dataSet(),
                        frame.groupOrTop(Tag.UNASSIGNED_SHARED_ATTRIBUTES),
                        frame.groupOrTop(Tag.UNASSIGNED_FRAME_ATTRIBUTES))
                .flatMapToDouble(from -> Arrays.stream(from.decimals(classic)))
                .findFirst();
    }

    /** The proposal and its reasons in one line, such as {@code T1CE? (its description names T1, ...)}. */
    @Override
    public String toString() {
        return sequence.map(Sequence::name).orElse("unknown") + (certain || sequence.isEmpty() ? "" : "?") + " ("
                + String.join("; ", reasons) + ")";
    }
}
