package dev.preceptor.augment;

import dev.preceptor.base.Draws;
import dev.preceptor.volume.Size;

/**
 * A coarser scan: of each axis only a share of the voxels is taken, those nearest to the coarse voxels' centres, and the rest
 * interpolated linearly between them (nnU-Net; PyTorch's {@code nearest-exact} and {@code trilinear}).
 *
 * @param share of the voxels along each axis that are taken, above 0, at most 1
 */
record LowResolution(double share) implements Distortion {
    static LowResolution draw(Chance chance, Size size, Draws draws) {
        return new LowResolution(chance.draw(draws));
    }

    @Override
    public void apply(Channel channel) {
        for (int axis = 0; axis < 3; axis++) {
            int extent = channel.size().along(axis);
            int coarse = Math.max((int) Math.rint(extent * share), 1);
            if (coarse < extent) {
                int[] picked = picked(extent, coarse);
                Lines.along(channel, axis, (in, out, count, width) -> interpolate(picked, in, out, count, width));
            }
        }
    }

    private static int[] picked(int extent, int coarse) {
        int[] picked = new int[coarse];
        for (int i = 0; i < coarse; i++) {
            picked[i] = Math.min((int) ((i + 0.5) * extent / coarse), extent - 1);
        }
        return picked;
    }

    private static void interpolate(int[] picked, float[] in, float[] out, int count, int width) {
        for (int i = 0; i < count; i++) {
            double position = Math.max((i + 0.5) * picked.length / count - 0.5, 0);
            int lower = Math.min((int) position, picked.length - 1);
            float rest = (float) (position - lower);
            Lines.set(in, picked[lower], 1 - rest, out, i, width);
            Lines.add(in, picked[Math.min(lower + 1, picked.length - 1)], rest, out, i, width);
        }
    }
}
