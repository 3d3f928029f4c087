package dev.preceptor.cohort;

import dev.preceptor.volume.Volume;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the background of an image is 0, as that of a skull-stripped image is. Normalisation and the crop to the brain leave
 * out what is 0; where nothing is, they take the background for tissue and the result is another one.
 */
public final class BackgroundCheck {
    /** Less than this share of zeros is chance, not a background. */
    private static final double LEAST_ZEROS = 0.01;

    /** The lowest value of an image is its background if it holds this share of all voxels. */
    private static final double LEAST_BACKGROUND = 0.05;

    private BackgroundCheck() {}

    /** What is odd about the background, in one line that follows the name of the image; empty if it is 0. */
    public static Optional<String> problem(Volume volume) {
        float[] voxels = volume.voxels();
        float lowest = Float.POSITIVE_INFINITY;
        float highest = Float.NEGATIVE_INFINITY;
        int zeros = 0;
        for (float value : voxels) {
            lowest = Math.min(lowest, value);
            highest = Math.max(highest, value);
            zeros += value == 0 ? 1 : 0;
        }
        if (lowest == highest) {
            return Optional.of("is " + number(lowest) + " everywhere: it is empty, so nothing can be found in it");
        }
        int background = 0;
        for (float value : voxels) {
            background += value == lowest ? 1 : 0;
        }
        double voxelCount = voxels.length;
        if (lowest != 0 && background >= LEAST_BACKGROUND * voxelCount) {
            return Optional.of("has the background " + number(lowest)
                    + (zeros == 0 ? " and nothing in it is 0" : " beside voxels that are 0")
                    + ", as if it were normalised already: its background is not left out but taken for brain; set it to"
                    + " 0 or give the image before normalisation");
        }
        if (zeros < LEAST_ZEROS * voxelCount) {
            return Optional.of((zeros == 0 ? "has no voxel that is 0" : "has hardly a voxel that is 0")
                    + ", so there is no background to leave out, as if it were normalised already or not skull-stripped;"
                    + " set what is not brain to 0");
        }
        return Optional.empty();
    }

    private static String number(float value) {
        return value == Math.rint(value) && Math.abs(value) < 1e7
                ? Integer.toString((int) value)
                : String.format(Locale.ROOT, "%.4g", value);
    }
}
