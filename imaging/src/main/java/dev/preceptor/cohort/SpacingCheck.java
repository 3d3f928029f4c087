package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Checks whether voxel sizes can be those of a brain image. A wrong unit or a wrong {@code pixdim} makes distances and
 * volumes wrong by orders of magnitude, and makes resampling to the spacing of a model impossible; such a file is refused
 * by its header.
 */
public final class SpacingCheck {
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

    private SpacingCheck() {}

    /**
     * Refuses a file whose header has implausible voxel sizes.
     *
     * @throws InvalidFileException if they are implausible; the message gives the voxel size and the unit in the header
     */
    public static void require(Path file, NiftiHeader header) {
        problem(header).ifPresent(problem -> {
            throw new InvalidFileException(file, problem);
        });
    }

    /** The problem of the voxel sizes in a header, with their unit, in one line; empty if they are plausible. */
    public static Optional<String> problem(NiftiHeader header) {
        double unit = header.millimetresPerUnit();
        double[] stated = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            // An axis beyond the dimensions of the header has one slice and needs no size.
            boolean isCounted = axis < header.shape().size();
            stated[axis] = isCounted ? header.placement().statedSize(axis) : 1 / unit;
            if (!(stated[axis] > 0) || Double.isInfinite(stated[axis])) {
                return Optional.of("pixdim[" + (axis + 1) + "], a voxel size in its header, is "
                        + number(stated[axis]) + " (unit " + unitName(header)
                        + "); a size must be above 0: correct the header, or write the image again from its source");
            }
        }
        Affine affine = header.affine();
        double[] spacing = affine.spacing();
        Optional<String> range = range(header.extent(0), header.extent(1), header.extent(2), times(spacing, unit))
                .or(() -> range(1, 1, 1, times(stated, unit)));
        return range.map(problem -> problem + " (in its header " + sizes(stated) + " by pixdim, " + sizes(spacing)
                + " by its affine, unit " + unitName(header)
                + "); correct the unit (xyzt_units) or the sizes in the header");
    }

    /** The problem of the voxel sizes of a grid, in one line; empty if they are plausible. */
    public static Optional<String> problem(Grid grid) {
        Size size = grid.size();
        return range(size.x(), size.y(), size.z(), grid.spacing());
    }

    private static Optional<String> range(long x, long y, long z, double[] edges) {
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

    private static double[] times(double[] values, double factor) {
        return Arrays.stream(values).map(value -> value * factor).toArray();
    }

    private static String unitName(NiftiHeader header) {
        return switch (header.units() & 7) {
            case 1 -> "metre";
            case 2 -> "millimetre";
            case 3 -> "micron";
            default -> "unknown, taken as millimetre";
        };
    }

    private static String sizes(double[] values) {
        return Arrays.stream(values).mapToObj(SpacingCheck::number).collect(Collectors.joining(" x "));
    }

    /** A number with four significant digits, without an exponent and trailing zeros if possible. */
    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            return String.format(Locale.ROOT, "%d", (long) value);
        }
        String text = String.format(Locale.ROOT, "%.4g", value);
        return text.contains("e") || !text.contains(".") ? text : text.replaceAll("\\.?0+$", "");
    }
}
