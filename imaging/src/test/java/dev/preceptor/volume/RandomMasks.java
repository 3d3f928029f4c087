package dev.preceptor.volume;

import java.util.BitSet;
import java.util.SplittableRandom;

/** Masks for property tests on small grids: sparse voxels, a few boxes, or both. */
public final class RandomMasks {
    private RandomMasks() {}

    /** A random size of 1 to {@code longest} voxels (inclusive) along each axis. */
    public static Size size(SplittableRandom random, int longest) {
        return new Size(1 + random.nextInt(longest), 1 + random.nextInt(longest), 1 + random.nextInt(longest));
    }

    /** A random mask with at least one voxel. */
    public static BitSet mask(SplittableRandom random, Size size) {
        BitSet mask = new BitSet(size.voxels());
        for (int box = random.nextInt(4); box > 0; box--) {
            int x0 = random.nextInt(size.x());
            int y0 = random.nextInt(size.y());
            int z0 = random.nextInt(size.z());
            for (int z = z0; z < Math.min(size.z(), z0 + 3); z++) {
                for (int y = y0; y < Math.min(size.y(), y0 + 4); y++) {
                    for (int x = x0; x < Math.min(size.x(), x0 + 3); x++) {
                        mask.set(size.index(x, y, z));
                    }
                }
            }
        }
        for (int dot = random.nextInt(5); dot > 0 || mask.isEmpty(); dot--) {
            mask.set(random.nextInt(size.voxels()));
        }
        return mask;
    }
}
