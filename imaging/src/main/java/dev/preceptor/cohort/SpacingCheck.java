package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.HeadSize;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Checks whether voxel sizes can be those of a brain image. A wrong unit or a wrong {@code pixdim} makes distances and
 * volumes wrong by orders of magnitude, and makes resampling to the spacing of a model impossible; such a file is refused
 * by its header.
 */
public final class SpacingCheck {
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
                        + HeadSize.number(stated[axis]) + " (unit " + unitName(header)
                        + "); a size must be above 0: correct the header, or write the image again from its source");
            }
        }
        Affine affine = header.affine();
        double[] spacing = affine.spacing();
        Optional<String> range = HeadSize.problem(
                        header.extent(0), header.extent(1), header.extent(2), times(spacing, unit))
                .or(() -> HeadSize.problem(1, 1, 1, times(stated, unit)));
        return range.map(problem ->
                problem + " (in its header " + HeadSize.sizes(stated) + " by pixdim, " + HeadSize.sizes(spacing)
                        + " by its affine, unit " + unitName(header)
                        + "); correct the unit (xyzt_units) or the sizes in the header");
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
}
