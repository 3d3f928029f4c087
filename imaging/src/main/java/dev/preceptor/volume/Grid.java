package dev.preceptor.volume;

import dev.preceptor.base.MismatchException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The voxel grid of an image: its size and its position in the world.
 *
 * <pre>{@code
 * Grid brats = new Grid(new Size(240, 240, 155), new Affine(-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0));
 * double[] spacing = brats.spacing(); // {1, 1, 1} in millimetres
 * double[] first = brats.affine().apply(0, 0, 0); // {0, 239, 0}: the centre of voxel (0, 0, 0)
 * Orientation orientation = Orientation.of(brats.affine()); // LPS
 * Grid coarse = brats.withSpacing(2, 2, 2); // 120x120x78 voxels over the same field of view
 * Grid part = brats.crop(new Box(10, 20, 30, 50, 60, 70)); // 40x40x40 voxels, the first at (-10, 219, 30)
 * }</pre>
 *
 * @param size the extent in voxels
 * @param affine maps indices of voxel centres to RAS+ millimetres; always invertible
 */
public record Grid(Size size, Affine affine) {
    /**
     * Grids whose affines differ by at most this in every entry (in mm) match; this covers the rounding of float32
     * headers.
     */
    public static final double TOLERANCE = 1e-3;

    public Grid {
        if (!affine.isInvertible()) {
            throw new IllegalArgumentException("a grid needs an invertible affine, not " + affine);
        }
    }

    /**
     * A grid with its first voxel centre at the origin, axes along RAS, and cubic voxels.
     *
     * @param spacingMm the voxel edge in millimetres
     */
    public static Grid of(Size size, double spacingMm) {
        return new Grid(size, Affine.scaling(spacingMm, spacingMm, spacingMm));
    }

    /** The voxel size along each axis, in millimetres; a new array. */
    public double[] spacing() {
        return affine.spacing();
    }

    /** The volume of one voxel in cubic millimetres. */
    public double voxelVolume() {
        return Math.abs(affine.determinant());
    }

    /** Whether sizes are equal and affines agree within {@link #TOLERANCE}. */
    public boolean matches(Grid other) {
        return size.equals(other.size) && affine.isCloseTo(other.affine, TOLERANCE);
    }

    /**
     * Whether sizes are equal and no corner is displaced by more than one voxel. Headers of one subject that differ
     * through rounding or through a registration recorded only in the header pass this test.
     */
    public boolean matchesWithinOneVoxel(Grid other) {
        return size.equals(other.size) && cornerShift(other) <= 1;
    }

    /**
     * The largest displacement of a corner in another grid of the same size, along any axis, in voxels of this grid.
     */
    public double cornerShift(Grid other) {
        Affine between = affine.inverse().times(other.affine);
        double largest = 0;
        for (int corner = 0; corner < 8; corner++) {
            double[] at = {
                (corner & 1) * (size.x() - 1), (corner >> 1 & 1) * (size.y() - 1), (corner >> 2) * (size.z() - 1)
            };
            double[] image = between.apply(at[0], at[1], at[2]);
            for (int axis = 0; axis < 3; axis++) {
                largest = Math.max(largest, Math.abs(image[axis] - at[axis]));
            }
        }
        return largest;
    }

    /**
     * Refuses a grid that does not match.
     *
     * @param what the thing on this grid, for the message
     * @param otherWhat the thing on the other grid, for the message
     * @throws MismatchException with the difference
     */
    public void requireMatches(Grid other, String what, String otherWhat) {
        difference(other, what, otherWhat).ifPresent(difference -> {
            throw new MismatchException(difference);
        });
    }

    /**
     * The difference to another grid in one line; empty if the grids match.
     *
     * @param what the thing on this grid
     * @param otherWhat the thing on the other grid
     */
    public Optional<String> difference(Grid other, String what, String otherWhat) {
        if (!size.equals(other.size)) {
            return Optional.of(what + " has " + size + " voxels but " + otherWhat + " has " + other.size
                    + "; both must lie on the same grid");
        }
        if (!affine.isCloseTo(other.affine, TOLERANCE)) {
            return Optional.of(what + " and " + otherWhat + " have the same size but different affines: " + affine
                    + " and " + other.affine);
        }
        return Optional.empty();
    }

    /** The grid of the voxels in a box, which may extend beyond this grid. */
    public Grid crop(Box box) {
        return new Grid(box.size(), affine.times(Affine.translation(box.x0(), box.y0(), box.z0())));
    }

    /**
     * The grid that covers the same field of view with other voxel sizes. The corners of the field of view, not the
     * voxel centres, are preserved; the extent along each axis is rounded to the nearest integer, at least 1.
     *
     * @param x the voxel size along the first axis, in millimetres
     * @param y the same along the second axis
     * @param z the same along the third axis
     */
    public Grid withSpacing(double x, double y, double z) {
        double[] old = spacing();
        Size to = new Size(
                Math.max(1, (int) Math.round(size.x() * old[0] / x)),
                Math.max(1, (int) Math.round(size.y() * old[1] / y)),
                Math.max(1, (int) Math.round(size.z() * old[2] / z)));
        double fx = x / old[0];
        double fy = y / old[1];
        double fz = z / old[2];
        Affine toOld = new Affine(fx, 0, 0, (fx - 1) / 2, 0, fy, 0, (fy - 1) / 2, 0, 0, fz, (fz - 1) / 2);
        return new Grid(to, affine.times(toOld));
    }

    /**
     * A grid with another number of voxels whose first voxel centre is that of this grid.
     *
     * @param to the size of the new grid
     * @param x the step between its voxels along the first axis, in voxels of this grid
     * @param y the same along the second axis
     * @param z the same along the third axis
     */
    public Grid subsampled(Size to, double x, double y, double z) {
        return new Grid(to, affine.times(Affine.scaling(x, y, z)));
    }

    @Override
    public String toString() {
        return size
                + Arrays.stream(spacing())
                        .mapToObj(s -> String.format(Locale.ROOT, "%.3g", s))
                        .collect(Collectors.joining("x", " voxels of ", " mm"));
    }
}
