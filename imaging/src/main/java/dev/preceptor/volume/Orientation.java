package dev.preceptor.volume;

import java.util.ArrayList;
import java.util.List;

/**
 * The directions of the three voxel axes as three letters: in {@code LPS}, x increases to the patient's left, y to
 * posterior, z to superior (nibabel's axis codes; some scanners and ITK name the side from which an axis comes). There
 * are 48.
 *
 * @param codes one letter of L or R, one of A or P and one of I or S, in the order of the voxel axes
 */
public record Orientation(String codes) {
    /** The letters of the positive and the negative direction of each world axis. */
    private static final String[] DIRECTIONS = {"RL", "AP", "SI"};

    private static final int[][] PERMUTATIONS = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    /** The orientation of the world axes. */
    public static final Orientation RAS = new Orientation("RAS");
    /** The orientation of the released BraTS volumes. */
    public static final Orientation LPS = new Orientation("LPS");

    public Orientation {
        boolean[] seen = new boolean[3];
        for (int i = 0; i < codes.length(); i++) {
            int axis = world(codes.charAt(i));
            if (axis >= 0) {
                seen[axis] = true;
            }
        }
        if (codes.length() != 3 || !seen[0] || !seen[1] || !seen[2]) {
            throw new IllegalArgumentException(
                    "an orientation is one letter of L/R, one of A/P and one of I/S, not \"" + codes + "\"");
        }
    }

    /** All 48 orientations. */
    public static List<Orientation> all() {
        List<Orientation> all = new ArrayList<>();
        for (int[] p : PERMUTATIONS) {
            for (int signs = 0; signs < 8; signs++) {
                StringBuilder codes = new StringBuilder();
                for (int i = 0; i < 3; i++) {
                    codes.append(DIRECTIONS[p[i]].charAt(signs >> i & 1));
                }
                all.add(new Orientation(codes.toString()));
            }
        }
        return List.copyOf(all);
    }

    /**
     * The orientation closest to an affine: the assignment of voxel axes to world axes with the largest product of
     * cosines. It is exact for an affine without rotation.
     */
    public static Orientation of(Affine affine) {
        double[][] m = affine.toMatrix();
        double[] spacing = affine.spacing();
        int[] best = PERMUTATIONS[0];
        double greatest = -1;
        for (int[] p : PERMUTATIONS) {
            double product = 1;
            for (int i = 0; i < 3; i++) {
                product *= Math.abs(m[p[i]][i] / spacing[i]);
            }
            if (product > greatest) {
                greatest = product;
                best = p;
            }
        }
        StringBuilder codes = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            codes.append(DIRECTIONS[best[i]].charAt(m[best[i]][i] < 0 ? 1 : 0));
        }
        return new Orientation(codes.toString());
    }

    /** The world axis (0 right, 1 anterior, 2 superior) of a voxel axis (0 to 2). */
    public int worldAxis(int voxelAxis) {
        return world(codes.charAt(voxelAxis));
    }

    /** Whether a voxel axis points against its world axis. */
    public boolean isNegative(int voxelAxis) {
        return "LPI".indexOf(codes.charAt(voxelAxis)) >= 0;
    }

    /** A volume with its voxels in another orientation; use {@link Reorientation} if the inverse is needed too. */
    public static Volume reorient(Volume volume, Orientation to) {
        return Reorientation.of(volume.grid(), to).apply(volume);
    }

    /** An affine of this orientation with the given voxel sizes in millimetres and its origin at 0. */
    public Affine affine(double spacingX, double spacingY, double spacingZ) {
        double[] spacing = {spacingX, spacingY, spacingZ};
        double[][] m = new double[3][4];
        for (int i = 0; i < 3; i++) {
            m[worldAxis(i)][i] = isNegative(i) ? -spacing[i] : spacing[i];
        }
        return Affine.of(m);
    }

    private static int world(char letter) {
        for (int axis = 0; axis < 3; axis++) {
            if (DIRECTIONS[axis].indexOf(letter) >= 0) {
                return axis;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return codes;
    }
}
