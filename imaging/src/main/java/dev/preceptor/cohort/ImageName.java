package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One reading of the name of a NIfTI file. A name is read from its end by its words, which {@code _}, {@code -} and spaces
 * separate: {@code <id>_t1ce}, {@code <id>-t1c}, {@code <id>_T1_Gd}, {@code <id>_T2_FLAIR},
 * {@code <id>_tumor_segmentation}, {@code <id>_0000}. Names that begin with {@code sub-} are read by {@link BidsName}.
 *
 * @param subject the id; empty if the name consists of a sequence or a word for a label map only
 * @param content what the file holds
 */
record ImageName(String subject, FileContent content) {
    /** What a file holds by its name. */
    sealed interface FileContent {}

    /** An image of a sequence. */
    record Image(Sequence sequence) implements FileContent {}

    /** A label map of the tumour. */
    record Labels() implements FileContent {}

    /** A channel of nnU-Net, which {@code dataset.json} maps to a sequence. */
    record ChannelNumber(int number) implements FileContent {}

    /** Neither an image of a known sequence nor a label map of the tumour; the reason is one phrase. */
    record Other(String reason) implements FileContent {}

    /** Unknown: the name has no known word. */
    record Unrecognised() implements FileContent {}

    private static final Pattern PROBABILITIES = Pattern.compile("(.+)_prob_(.+)");
    private static final Pattern UNCERTAINTY = Pattern.compile("(.+)_uncertainty");
    private static final Pattern CHANNEL = Pattern.compile("(.+)_(00\\d\\d)");
    private static final Pattern SEPARATOR = Pattern.compile("[_\\- ]+");
    private static final int MOST_WORDS = 4;

    /** Words that mark a label map of the tumour. */
    private static final Set<String> LABELS = Set.of(
            "seg",
            "segm",
            "dseg",
            "segmentation",
            "segmentations",
            "label",
            "labels",
            "labelmap",
            "gtv",
            "gt",
            "ground_truth",
            "groundtruth",
            "roi",
            "tumor",
            "tumour",
            "tumormask",
            "tumourmask",
            "tumor_mask",
            "tumour_mask",
            "tumor_seg",
            "tumour_seg",
            "tumor_label",
            "tumor_segmentation",
            "tumour_segmentation",
            "lesion",
            "lesion_mask",
            "lesion_seg",
            "lesion_segmentation",
            "gtv_mask",
            "gtv_seg",
            "manual_seg",
            "manual_segmentation",
            "automated_approx_segm");

    private static final Set<String> OTHER_MASKS = Set.of(
            "mask",
            "brainmask",
            "brain_mask",
            "brain_seg",
            "brain_segm",
            "brain_segmentation",
            "brain_parenchyma_segmentation",
            "bet_mask",
            "head_mask",
            "skull_mask",
            "tissue_seg",
            "tissue_segmentation",
            "aseg",
            "aparc_aseg");

    /** Words that always mean contrast agent. */
    private static final Set<String> CONTRAST =
            Set.of("ce", "gd", "gad", "gado", "gadolinium", "contrast", "postcontrast", "postgd", "postgad");
    /** Words that mean contrast agent after "T1", but may be a time point before it. */
    private static final Set<String> AFTER = Set.of("post");

    private static final Set<String> BEFORE = Set.of("pre", "precontrast", "native", "nativ");

    /**
     * The readings of a name, the most likely first. There are one or two; the second has the longer id, as in
     * {@code P01_T2_FLAIR}.
     *
     * @param stem the name without extension
     */
    static List<ImageName> readings(String stem) {
        Matcher uncertainty = UNCERTAINTY.matcher(stem);
        if (uncertainty.matches()) {
            return List.of(new ImageName(
                    uncertainty.group(1), new Other("holds uncertainty, as predict --uncertainty writes it")));
        }
        Matcher probabilities = PROBABILITIES.matcher(stem);
        if (probabilities.matches()) {
            return List.of(new ImageName(
                    probabilities.group(1), new Other("holds probabilities, as predict --probabilities writes them")));
        }
        Matcher channel = CHANNEL.matcher(stem);
        if (channel.matches()) {
            return List.of(new ImageName(channel.group(1), new ChannelNumber(Integer.parseInt(channel.group(2)))));
        }
        return BidsName.matches(stem) ? BidsName.readings(stem) : byWords(stem);
    }

    /**
     * Chooses between the readings of a name.
     *
     * @param evident ids that the folder or the names of other files give
     */
    static ImageName resolve(List<ImageName> readings, Set<String> evident) {
        ImageName first = readings.get(0);
        if (readings.size() == 1) {
            return first;
        }
        ImageName longer = readings.get(1);
        if (evident.contains(longer.subject()) && !evident.contains(first.subject())) {
            return longer;
        }
        if (first.content().equals(longer.content()) || first.content() instanceof Other) {
            return first;
        }
        return new ImageName(
                first.subject(),
                new Other("may be " + text(first) + " or " + text(longer)
                        + "; rename it so that only one of them fits, as " + first.subject() + "_t1ce"));
    }

    /** Whether a name is one that {@code predict} gives to probabilities or uncertainty beside a label map. */
    static boolean isBesideLabels(String stem) {
        return PROBABILITIES.matcher(stem).matches()
                || UNCERTAINTY.matcher(stem).matches();
    }

    private static String text(ImageName name) {
        return (name.content() instanceof Image image ? image.sequence().name() : "a file") + " of " + name.subject();
    }

    /** The readings of a name that is not a BIDS name. */
    static List<ImageName> byWords(String stem) {
        Words words = Words.of(stem);
        for (int count = Math.min(MOST_WORDS, words.size()); count > 0; count--) {
            String end = words.end(count);
            if (OTHER_MASKS.contains(end)) {
                Other other = new Other("is by its name a mask of the brain, or of something that it does not name;"
                        + " name a label map of the tumour <id>_seg");
                // An id may end in "brain".
                return count > 1 && LABELS.contains(words.end(1))
                        ? words.readings(other, count, new Labels(), 1)
                        : List.of(words.reading(count, other));
            }
            if (LABELS.contains(end)) {
                return List.of(words.reading(count, new Labels()));
            }
        }
        return ofSequence(words);
    }

    private static List<ImageName> ofSequence(Words words) {
        Optional<Sequence> last = Sequence.ofSynonym(words.fromEnd(0));
        String before = words.fromEnd(1);
        if (last.isEmpty()) {
            Optional<Sequence> t1Before = Sequence.ofSynonym(before).filter(Sequence.T1::equals);
            if (t1Before.isPresent() && BEFORE.contains(words.fromEnd(0))) {
                return List.of(words.reading(2, new Image(Sequence.T1)));
            }
            boolean isAfter = CONTRAST.contains(words.fromEnd(0)) || AFTER.contains(words.fromEnd(0));
            return t1Before.isPresent() && isAfter
                    ? List.of(words.reading(2, new Image(Sequence.T1CE)))
                    : List.of(new ImageName(words.stem(), new Unrecognised()));
        }
        Sequence sequence = last.get();
        if (sequence.equals(Sequence.FLAIR)
                && Sequence.ofSynonym(before).filter(Sequence.T2::equals).isPresent()) {
            return words.readings(new Image(sequence), 2, new Image(sequence), 1);
        }
        if (!sequence.equals(Sequence.T1)) {
            return List.of(words.reading(1, new Image(sequence)));
        }
        if (CONTRAST.contains(before) || words.fromEnd(2).equals("ce")) {
            int count = 2;
            while (CONTRAST.contains(words.fromEnd(count))) {
                count++;
            }
            return List.of(words.reading(count, new Image(Sequence.T1CE)));
        }
        if (AFTER.contains(before)) {
            return words.readings(new Image(Sequence.T1CE), 2, new Image(Sequence.T1), 1);
        }
        return BEFORE.contains(before)
                ? words.readings(new Image(Sequence.T1), 2, new Image(Sequence.T1), 1)
                : List.of(words.reading(1, new Image(Sequence.T1)));
    }

    /** Whether a word means contrast agent, alone or as part of a longer word. */
    static boolean suggestsContrast(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return CONTRAST.contains(lower)
                || lower.startsWith("post")
                || lower.startsWith("gad")
                || lower.contains("contrast")
                || Sequence.ofSynonym(lower).filter(Sequence.T1CE::equals).isPresent();
    }

    private record Words(String stem, List<String> lower, List<Integer> ends) {
        static Words of(String stem) {
            List<String> lower = new ArrayList<>();
            List<Integer> ends = new ArrayList<>();
            Matcher separator = SEPARATOR.matcher(stem);
            int start = 0;
            int idEnd = 0;
            while (true) {
                boolean isMore = separator.find();
                int end = isMore ? separator.start() : stem.length();
                if (end > start) {
                    lower.add(stem.substring(start, end).toLowerCase(Locale.ROOT));
                    ends.add(idEnd);
                }
                if (!isMore) {
                    return new Words(stem, lower, ends);
                }
                idEnd = end;
                start = separator.end();
            }
        }

        int size() {
            return lower.size();
        }

        /** A word, counted from the last one (0); empty before the first. */
        String fromEnd(int index) {
            return index < lower.size() ? lower.get(lower.size() - 1 - index) : "";
        }

        String end(int count) {
            return String.join("_", lower.subList(lower.size() - count, lower.size()));
        }

        /** The reading in which the last words describe the content and the rest is the id. */
        ImageName reading(int count, FileContent content) {
            return new ImageName(stem.substring(0, ends.get(lower.size() - count)), content);
        }

        List<ImageName> readings(FileContent first, int firstCount, FileContent second, int secondCount) {
            ImageName one = reading(firstCount, first);
            ImageName two = reading(secondCount, second);
            return one.subject().isEmpty() || two.subject().isEmpty()
                    ? List.of(firstCount > secondCount ? one : two)
                    : List.of(one, two);
        }
    }
}
