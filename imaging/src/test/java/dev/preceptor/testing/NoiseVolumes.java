package dev.preceptor.testing;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Volume;
import java.util.SplittableRandom;

/** Images of uniform noise that is nowhere zero, so that every voxel counts as brain. */
public final class NoiseVolumes {
    private NoiseVolumes() {}

    /** Values from 1 to 100 that depend on the seed alone. */
    public static Volume of(Grid grid, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] voxels = new float[grid.size().voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (float) random.nextDouble(1, 100);
        }
        return new Volume(grid, voxels);
    }
}
