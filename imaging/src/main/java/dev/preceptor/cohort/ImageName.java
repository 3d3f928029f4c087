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
 * One reading of the name of a NIfTI file. Names are read by their words, which {@code _}, {@code -} and spaces divide, from
 * the end: {@code <id>_t1ce}, {@code <id>-t1c}, {@code <id>_T1_Gd}, {@code <id>_T2_FLAIR}, {@code <id>_tumor_segmentation},
 * {@code <id>_0000}. Names that begin with {@code sub-} are read by {@link BidsName}.
 *
 * @param subject the id; empty where the name is that of a sequence or a label map alone
 * @param content what the file holds
 */
record ImageName(String subject, Content content) {
    /** What a name says of a file. */
    sealed interface Content {}

    /** An image of a sequence. */
    record Image(Sequence sequence) implements Content {}

    /** A label map of the tumour. */
    record Labels() implements Content {}

    /** A channel of nnU-Net, by its number. */
    record Channel(int number) implements Content {}

    /** Something that is neither; the reason says what. */
    record Other(String reason) implements Content {}

    /** A name that says nothing. */
    record Silent() implements Content {}

    private static final Pattern PROBABILITIES = Pattern.compile("(.+)_prob_(WT|TC|ET)");
    private static final Pattern CHANNEL = Pattern.compile("(.+)_(00\\d\\d)");
    private static final Pattern DIVIDER = Pattern.compile("[_\\- ]+");
    private static final int LONGEST = 4;

    /** Words for a label map of the tumour. */
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

    /** Words that mean contrast agent and nothing else. */
    private static final Set<String> CONTRAST =
            Set.of("ce", "gd", "gad", "gado", "gadolinium", "contrast", "postcontrast", "postgd", "postgad");
    /** Words that mean contrast agent behind a T1, but may be a time point before it. */
    private static final Set<String> AFTER = Set.of("post");

    private static final Set<String> BEFORE = Set.of("pre", "precontrast", "native", "nativ");

    /**
     * The readings of a name, the likeliest first: one, or two of which the second has the longer
     * id, as in {@code P01_T2_FLAIR}.
     *
     * @param stem the name without extension
     */
    static List<ImageName> readings(String stem) {
        Matcher probabilities = PROBABILITIES.matcher(stem);
        if (probabilities.matches()) {
            return List.of(new ImageName(
                    probabilities.group(1), new Other("holds probabilities, as predict --probabilities writes them")));
        }
        Matcher channel = CHANNEL.matcher(stem);
        if (channel.matches()) {
            return List.of(new ImageName(channel.group(1), new Channel(Integer.parseInt(channel.group(2)))));
        }
        return BidsName.matches(stem) ? BidsName.readings(stem) : byWords(stem);
    }

    /**
     * Chooses between the readings of one name.
     *
     * @param evident ids that other names, or the folder, tell
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

    private static String text(ImageName name) {
        return (name.content() instanceof Image image ? image.sequence().name() : "a file") + " of " + name.subject();
    }

    /** The readings of a name that is not one of BIDS. */
    static List<ImageName> byWords(String stem) {
        Words words = Words.of(stem);
        for (int count = Math.min(LONGEST, words.size()); count > 0; count--) {
            String end = words.end(count);
            if (OTHER_MASKS.contains(end)) {
                Other other =
                        new Other("is by its name a mask of the brain, or of something that the name does not tell;"
                                + " a label map of the tumour is named <id>_seg");
                // The last word of an id may be "brain".
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
            Optional<Sequence> modified = Sequence.ofSynonym(before).filter(Sequence.T1::equals);
            if (modified.isPresent() && BEFORE.contains(words.fromEnd(0))) {
                return List.of(words.reading(2, new Image(Sequence.T1)));
            }
            boolean isAfter = CONTRAST.contains(words.fromEnd(0)) || AFTER.contains(words.fromEnd(0));
            return modified.isPresent() && isAfter
                    ? List.of(words.reading(2, new Image(Sequence.T1CE)))
                    : List.of(new ImageName(words.stem(), new Silent()));
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

    /** Whether a word means contrast agent, by itself or as part of a longer one. */
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
            Matcher divider = DIVIDER.matcher(stem);
            int start = 0;
            int idEnd = 0;
            while (true) {
                boolean isMore = divider.find();
                int end = isMore ? divider.start() : stem.length();
                if (end > start) {
                    lower.add(stem.substring(start, end).toLowerCase(Locale.ROOT));
                    ends.add(idEnd);
                }
                if (!isMore) {
                    return new Words(stem, lower, ends);
                }
                idEnd = end;
                start = divider.end();
            }
        }

        int size() {
            return lower.size();
        }

        /** A word counted from the last, which is 0; empty before the first. */
        String fromEnd(int index) {
            return index < lower.size() ? lower.get(lower.size() - 1 - index) : "";
        }

        String end(int count) {
            return String.join("_", lower.subList(lower.size() - count, lower.size()));
        }

        /** What remains in front of the last words is the id. */
        ImageName reading(int count, Content content) {
            return new ImageName(stem.substring(0, ends.get(lower.size() - count)), content);
        }

        List<ImageName> readings(Content first, int firstCount, Content second, int secondCount) {
            ImageName one = reading(firstCount, first);
            ImageName two = reading(secondCount, second);
            return one.subject().isEmpty() || two.subject().isEmpty()
                    ? List.of(firstCount > secondCount ? one : two)
                    : List.of(one, two);
        }
    }
}
