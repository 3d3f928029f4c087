package dev.preceptor.volume;

import java.util.SplittableRandom;

/** Small random images and label maps. */
final class RandomImages {
    private RandomImages() {}

    static Volume volume(Grid grid, SplittableRandom random) {
        float[] voxels = new float[grid.size().voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (float) random.nextDouble(-100, 100);
        }
        return new Volume(grid, voxels);
    }

    static LabelMap labels(Grid grid, SplittableRandom random) {
        byte[] voxels = new byte[grid.size().voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (byte) random.nextInt(4);
        }
        return new LabelMap(grid, voxels, LabelSpace.BRATS_2023);
    }

    /** An invertible affine with rotation and shear. */
    static Affine affine(SplittableRandom random) {
        while (true) {
            double[][] m = new double[3][4];
            for (double[] row : m) {
                for (int j = 0; j < 4; j++) {
                    row[j] = random.nextDouble(-2, 2);
                }
            }
            Affine affine = Affine.of(m);
            if (Math.abs(affine.determinant()) > 0.3) {
                return affine;
            }
        }
    }
}
