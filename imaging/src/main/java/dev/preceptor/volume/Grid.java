package dev.preceptor.volume;

import dev.preceptor.base.MismatchException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where the voxels of an image lie.
 *
 * @param size the extent in voxels
 * @param affine voxel indices (of voxel centres) to RAS+ millimetres; always invertible
 */
public record Grid(Size size, Affine affine) {
    /** Affines that differ by at most this in any entry describe the same grid: rounding of float32 headers, in mm. */
    public static final double TOLERANCE = 1e-3;

    public Grid {
        if (!affine.isInvertible()) {
            throw new IllegalArgumentException("a grid needs an invertible affine, not " + affine);
        }
    }

    /** A grid at the origin with cubic voxels of the given edge in millimetres. */
    public static Grid of(Size size, double spacingMm) {
        return new Grid(size, Affine.scaling(spacingMm, spacingMm, spacingMm));
    }

    /** The length of a voxel along each axis, in millimetres. */
    public double[] spacing() {
        return affine.spacing();
    }

    /** The volume of one voxel in cubic millimetres. */
    public double voxelVolume() {
        return Math.abs(affine.determinant());
    }

    /** Same size and, within {@link #TOLERANCE}, same affine. */
    public boolean matches(Grid other) {
        return size.equals(other.size) && affine.isCloseTo(other.affine, TOLERANCE);
    }

    /**
     * Same size, and no corner lies more than a voxel from where the other grid puts it: headers of one subject that differ
     * by rounding or by a registration that was only written down differ by less.
     */
    public boolean matchesWithinOneVoxel(Grid other) {
        return size.equals(other.size) && cornerShift(other) <= 1;
    }

    /** How far, in voxels of this grid and along any axis, another grid of this size puts a corner elsewhere at most. */
    public double cornerShift(Grid other) {
        Affine between = affine.inverse().times(other.affine);
        double most = 0;
        for (int corner = 0; corner < 8; corner++) {
            double[] at = {
                (corner & 1) * (size.x() - 1), (corner >> 1 & 1) * (size.y() - 1), (corner >> 2) * (size.z() - 1)
            };
            double[] moved = between.apply(at[0], at[1], at[2]);
            for (int axis = 0; axis < 3; axis++) {
                most = Math.max(most, Math.abs(moved[axis] - at[axis]));
            }
        }
        return most;
    }

    /**
     * Refuses another grid.
     *
     * @param what what lies on this grid, for the message
     * @param otherWhat what lies on the other grid
     * @throws MismatchException if the grids differ, saying how
     */
    public void requireMatches(Grid other, String what, String otherWhat) {
        difference(other, what, otherWhat).ifPresent(difference -> {
            throw new MismatchException(difference);
        });
    }

    /**
     * How another grid differs, in one line; empty if it matches.
     *
     * @param what what lies on this grid
     * @param otherWhat what lies on the other grid
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

    /** The part of this grid inside a box, which may reach over the border. */
    public Grid crop(Box box) {
        return new Grid(box.size(), affine.times(Affine.translation(box.x0(), box.y0(), box.z0())));
    }

    /**
     * The grid that covers the same field of view with voxels of the given edges: its corners, not its voxel centres, stay
     * where they are, and each axis is rounded to at least one voxel.
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
     * A grid of fewer or more voxels, the first of which is the first of this one.
     *
     * @param to its size
     * @param x how many voxels of this grid lie between two of it along x
     * @param y the same along y
     * @param z the same along z
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
