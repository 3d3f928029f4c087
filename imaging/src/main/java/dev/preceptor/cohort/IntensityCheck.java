package dev.preceptor.cohort;

import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.Optional;

/**
 * Finds images whose intensities are not those of a scanner or a skull-stripping tool: the background is not 0, the image
 * has been normalised, or it is constant. Preprocessing treats voxels of value 0 as background, so such an image gives a
 * different result than its raw image.
 */
public final class IntensityCheck {
    /** Tolerance for the mean (0) and the standard deviation (1) of a normalised image. */
    private static final double TOLERANCE = 0.05;

    private IntensityCheck() {}

    /**
     * Checks an image.
     *
     * @param volume finite voxels
     * @return a phrase that follows the name of the file and contains the remedy; empty if there is no doubt
     */
    public static Optional<String> of(Volume volume) {
        float[] voxels = volume.voxels();
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        long zeros = 0;
        double sum = 0;
        double squares = 0;
        for (float v : voxels) {
            least = v < least ? v : least;
            most = v > most ? v : most;
            zeros += v == 0 ? 1 : 0;
            sum += v;
            squares += (double) v * v;
        }
        boolean isNormalised =
                isStandard(sum, squares, voxels.length) || isStandard(sum, squares, voxels.length - zeros);
        if (least == most) {
            return Optional.of(least == 0 ? "is zero everywhere" : "is " + Decimals.upToFour(least) + " everywhere");
        }
        float corner = corner(volume);
        String normalised = isNormalised ? "it looks already normalised, and " : "";
        if (corner != 0 && !Float.isNaN(corner)) {
            return Optional.of("has a background of " + Decimals.upToFour(corner) + " instead of 0: " + normalised
                    + "the background counts as brain; set it to 0, or give the raw image");
        }
        if (zeros == 0) {
            return Optional.of("has no voxel that is 0 (" + Decimals.upToFour(least) + " to " + Decimals.upToFour(most)
                    + "): " + normalised
                    + "there is no background to leave out; set the background to 0, or give the raw image");
        }
        return normalised.isEmpty()
                ? Optional.empty()
                : Optional.of("looks already normalised: its voxels other than 0 have mean 0 and standard deviation 1;"
                        + " give the raw image unless all images of the cohort are normalised in the same way");
    }

    /** The value of all eight corners; NaN if they differ. */
    private static float corner(Volume volume) {
        Size size = volume.size();
        float first = volume.voxels()[0];
        for (int corner = 1; corner < 8; corner++) {
            int x = (corner & 1) == 0 ? 0 : size.x() - 1;
            int y = (corner & 2) == 0 ? 0 : size.y() - 1;
            int z = (corner & 4) == 0 ? 0 : size.z() - 1;
            if (volume.voxels()[size.index(x, y, z)] != first) {
                return Float.NaN;
            }
        }
        return first;
    }

    /** Whether the mean of so many voxels is about 0 and their standard deviation about 1. */
    private static boolean isStandard(double sum, double squares, long count) {
        double mean = sum / count;
        double std = Math.sqrt(Math.max(0, squares / count - mean * mean));
        return count > 1 && Math.abs(mean) < TOLERANCE && Math.abs(std - 1) < TOLERANCE;
    }
}
