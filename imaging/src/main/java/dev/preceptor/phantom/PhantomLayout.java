package dev.preceptor.phantom;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;

/** The BraTS field of view of 240x240x155 mm and grids of other spacings over it. */
final class PhantomLayout {
    /**
     * The grid of all BraTS files until 2023: axes left, posterior, superior; the centre of voxel (0, 0, 0) at (0, 239,
     * 0) mm.
     */
    static final Grid BRATS = new Grid(new Size(240, 240, 155), new Affine(-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0));

    private PhantomLayout() {}

    /** The grid of {@code size} x {@code size} x about {@code 0.65 size} cubic voxels over the same field of view. */
    static Grid grid(int size) {
        double spacing = 240.0 / size;
        return size == 240 ? BRATS : BRATS.withSpacing(spacing, spacing, spacing);
    }

    /**
     * The world coordinates of a voxel position.
     *
     * @param point receives the three coordinates
     */
    static void world(Affine affine, double i, double j, double k, double[] point) {
        point[0] = affine.m00() * i + affine.m01() * j + affine.m02() * k + affine.m03();
        point[1] = affine.m10() * i + affine.m11() * j + affine.m12() * k + affine.m13();
        point[2] = affine.m20() * i + affine.m21() * j + affine.m22() * k + affine.m23();
    }

    /** A fast test that excludes the air around the head: an ellipsoid with a margin for every deformation. */
    static boolean mayContainBrain(Affine affine, int i, int j, int k) {
        double x = (affine.m00() * i + affine.m03() + 119) / 100;
        double y = (affine.m11() * j + affine.m13() - 115) / 122;
        double z = (affine.m22() * k + affine.m23() - 68) / 108;
        return x * x + y * y + z * z < 1;
    }
}
