package dev.preceptor.quality;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A comparison of an input, or of the lesion found in it, with the images of the training. Each has a score, which is larger the
 * less the input resembles them, and a threshold, which the training fits ({@link GuardFitting}); it fires above the threshold.
 * {@code docs/guide/doubt.md} says how each score is computed.
 */
public enum Guard {
    /**
     * The image looks like another sequence than the one that it is said to be. Refuses where the training saw other sequences;
     * warns where it saw this one only.
     */
    WRONG_SEQUENCE(true),
    /** More voxels are not 0 than a brain fills: the skull is there, or the background is not 0. */
    NOT_SKULL_STRIPPED(true),
    /** The image is turned or flipped, but its affine does not say so. A flip of left and right is not found. */
    ORIENTATION(true),
    /** The brain has a size in millimetres that those of the training do not have: the spacing in the header is wrong. */
    HEAD_SIZE(true),
    /** There is next to nothing in the image. */
    EMPTY(true),
    /** Voxels of another size than in the training, which the model does not resample. */
    SPACING(false),
    /** Many voxels have the largest value of the image: intensities were cut off. */
    SATURATED(false),
    /** The brain is cut off by a face of the image. */
    CUT_OFF(false),
    /** The distribution of intensities is unlike those of the training. */
    INTENSITY_RANGE(false),
    /** The image is blurred, or was interpolated from larger voxels: it has less fine detail than those of the training. */
    LOW_RESOLUTION(false),
    /** The lesion that was found is unlike those of the training in volume, place or intensity, or there is none. */
    UNSEEN_LESION(false),
    /** A model that takes any subset of its sequences is shown others than those with which it was validated. */
    UNVALIDATED_SEQUENCES(false);

    private final boolean refuses;

    Guard(boolean refuses) {
        this.refuses = refuses;
    }

    /** Whether an input is refused if the guard fires, rather than segmented with a warning. */
    public boolean refuses() {
        return refuses;
    }

    /** The name that users write, for example {@code wrong-sequence}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The guard with a {@link #label()}. */
    public static Optional<Guard> labelled(String label) {
        return Arrays.stream(values())
                .filter(guard -> guard.label().equals(label))
                .findFirst();
    }

    /** The labels of all guards, for messages. */
    public static String labels() {
        return Arrays.stream(values()).map(Guard::label).collect(Collectors.joining(", "));
    }

    /** All guards. */
    public static Set<Guard> all() {
        return EnumSet.allOf(Guard.class);
    }
}
