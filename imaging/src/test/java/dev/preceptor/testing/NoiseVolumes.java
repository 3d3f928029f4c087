package dev.preceptor.testing;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Volume;
import java.util.SplittableRandom;

/** Images of uniform noise without zeros, so that every voxel belongs to the brain. */
public final class NoiseVolumes {
    private NoiseVolumes() {}

    /** An image of values from 1 to 100, which depends only on the seed and the size of the grid. */
    public static Volume of(Grid grid, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] voxels = new float[grid.size().voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (float) random.nextDouble(1, 100);
        }
        return new Volume(grid, voxels);
    }
}
