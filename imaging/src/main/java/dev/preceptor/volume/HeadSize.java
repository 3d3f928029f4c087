package dev.preceptor.volume;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether the size of an image can be that of a head. Stateless, thread-safe. */
public final class HeadSize {
    /** The smallest voxel edge in mm, that of specimens. */
    private static final double FINEST = 0.1;

    /** The largest voxel edge in mm, that of localisers. */
    private static final double COARSEST = 20;

    /** The largest field of view along an axis in mm: head, neck and a margin. */
    private static final double WIDEST = 600;

    /**
     * The smallest field of view in mm of an image with edges below {@link #FINE} mm: below it on all axes the image cannot
     * contain a brain.
     */
    private static final double NARROWEST = 40;

    private static final double FINE = 0.5;

    private HeadSize() {}

    /** The problem of the voxel sizes of a grid, in one line; empty if they are plausible. */
    public static Optional<String> problem(Grid grid) {
        Size size = grid.size();
        return problem(size.x(), size.y(), size.z(), grid.spacing());
    }

    /**
     * The problem of voxel sizes, in one line; empty if they are plausible.
     *
     * @param x the number of voxels along the first axis
     * @param y the same along the second axis
     * @param z the same along the third axis
     * @param edges the three edges of a voxel in mm
     */
    public static Optional<String> problem(long x, long y, long z, double[] edges) {
        double[] fieldOfView = {x * edges[0], y * edges[1], z * edges[2]};
        // Headers store 0.1 as the nearest float32.
        boolean isFine = Arrays.stream(edges).anyMatch(edge -> edge < FINEST * (1 - 1e-6));
        if (isFine || Arrays.stream(edges).anyMatch(edge -> edge > COARSEST)) {
            return Optional.of("its voxels are " + sizes(edges) + " mm, but those of a brain image are "
                    + number(FINEST) + " to " + number(COARSEST) + " mm");
        }
        boolean isWide = Arrays.stream(fieldOfView).anyMatch(extent -> extent > WIDEST);
        boolean isNarrow = Arrays.stream(edges).anyMatch(edge -> edge < FINE)
                && Arrays.stream(fieldOfView).allMatch(extent -> extent < NARROWEST)
                && x > 1
                && y > 1
                && z > 1;
        if (isWide || isNarrow) {
            return Optional.of("its field of view is " + sizes(fieldOfView) + " mm with voxels of " + sizes(edges)
                    + " mm, which is not the size of a head");
        }
        return Optional.empty();
    }

    /** Three sizes, such as "0.9 x 1.1 x 2.5". */
    public static String sizes(double[] values) {
        return Arrays.stream(values).mapToObj(HeadSize::number).collect(Collectors.joining(" x "));
    }

    /** A number with four significant digits, without an exponent and trailing zeros if possible. */
    public static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            return String.format(Locale.ROOT, "%d", (long) value);
        }
        String text = String.format(Locale.ROOT, "%.4g", value);
        return text.contains("e") || !text.contains(".") ? text : text.replaceAll("\\.?0+$", "");
    }
}
