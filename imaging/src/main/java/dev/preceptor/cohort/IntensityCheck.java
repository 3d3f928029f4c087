package dev.preceptor.cohort;

import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.Optional;

/**
 * Signs that an image is not as a scanner or a skull-stripping tool leaves it: its background is not 0, it has been
 * normalised before, or it is empty. Preprocessing takes the voxels that are 0 for background, so such an image gives
 * another result than its raw one. Stateless.
 */
public final class IntensityCheck {
    /** How far mean and standard deviation of a normalised image may lie from 0 and 1. */
    private static final double TOLERANCE = 0.05;

    private IntensityCheck() {}

    /**
     * What is doubtful about an image.
     *
     * @param volume finite voxels
     * @return a phrase with the reason that follows the name of the file; empty for an image as it should be
     */
    public static Optional<String> of(Volume volume) {
        float[] voxels = volume.voxels();
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        long zeros = 0;
        for (float v : voxels) {
            least = Math.min(least, v);
            most = Math.max(most, v);
            zeros += v == 0 ? 1 : 0;
        }
        if (least == most) {
            return Optional.of(least == 0 ? "is zero everywhere" : "is " + text(least) + " everywhere");
        }
        float corner = corner(volume);
        String normalised = isNormalised(voxels, zeros) ? "it looks already normalised, and " : "";
        if (corner != 0 && !Float.isNaN(corner)) {
            return Optional.of("has a background of " + text(corner) + " instead of 0: " + normalised
                    + "the background counts as brain; set it to 0, or give the raw image");
        }
        if (zeros == 0) {
            return Optional.of("has no voxel that is 0 (" + text(least) + " to " + text(most) + "): " + normalised
                    + "there is no background to leave out; set the background to 0, or give the raw image");
        }
        return normalised.isEmpty()
                ? Optional.empty()
                : Optional.of("looks already normalised: its voxels other than 0 have mean 0 and standard deviation 1;"
                        + " give the raw image unless all images of the cohort are normalised in the same way");
    }

    /** The value that all eight corners share; NaN if they differ. */
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

    /** Whether the mean is 0 and the standard deviation 1, over all voxels or over those that are not 0. */
    private static boolean isNormalised(float[] voxels, long zeros) {
        double sum = 0;
        double squares = 0;
        for (float v : voxels) {
            sum += v;
            squares += (double) v * v;
        }
        return isStandard(sum, squares, voxels.length) || isStandard(sum, squares, voxels.length - zeros);
    }

    private static boolean isStandard(double sum, double squares, long count) {
        double mean = sum / count;
        double std = Math.sqrt(Math.max(0, squares / count - mean * mean));
        return count > 1 && Math.abs(mean) < TOLERANCE && Math.abs(std - 1) < TOLERANCE;
    }

    private static String text(float value) {
        return new DecimalFormat("0.####", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
    }
}
