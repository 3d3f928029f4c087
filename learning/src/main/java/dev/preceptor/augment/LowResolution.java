package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Simulates low resolution (nnU-Net): subsamples by nearest neighbour and interpolates back linearly (PyTorch's
 * {@code nearest-exact} and {@code trilinear}).
 *
 * @param share of the voxels of each axis that remain, above 0, at most 1
 */
record LowResolution(double share) implements IntensityTransform {
    static LowResolution draw(TransformSettings settings, Size size, RandomSource random) {
        return new LowResolution(settings.draw(random));
    }

    @Override
    public void apply(Channel channel) {
        Size size = channel.size();
        Axis x = Axis.of(size.x(), share);
        Axis y = Axis.of(size.y(), share);
        Axis z = Axis.of(size.z(), share);
        // Only sampled rows and planes are interpolated.
        float[] planes = new float[x.sampled.length * size.y() * size.z()];
        float[] rows = new float[y.sampled.length * size.z()];
        for (int i = 0; i < x.sampled.length; i++) {
            for (int j = 0; j < y.sampled.length; j++) {
                z.interpolate(channel.values(), channel.row(x.sampled[i], y.sampled[j]), rows, j * size.z());
            }
            y.interpolate(rows, planes, i * size.y() * size.z(), size.z());
        }
        x.interpolate(planes, channel.values(), channel.start(), size.y() * size.z());
    }

    /**
     * @param sampled indices of the voxels that remain
     * @param lower for each voxel the position in {@code sampled} of the last one at or before it
     * @param rest weight of the next one
     */
    private record Axis(int[] sampled, int[] lower, float[] rest) {
        static Axis of(int extent, double share) {
            int coarse = Math.max((int) Math.rint(extent * share), 1);
            int[] sampled = new int[coarse];
            for (int i = 0; i < coarse; i++) {
                sampled[i] = Math.min((int) ((i + 0.5) * extent / coarse), extent - 1);
            }
            int[] lower = new int[extent];
            float[] rest = new float[extent];
            for (int i = 0; i < extent; i++) {
                double position = Math.max((i + 0.5) * coarse / extent - 0.5, 0);
                lower[i] = Math.min((int) position, coarse - 1);
                rest[i] = lower[i] == coarse - 1 ? 0 : (float) (position - lower[i]);
            }
            return new Axis(sampled, lower, rest);
        }

        private int upper(int i) {
            return Math.min(lower[i] + 1, sampled.length - 1);
        }

        /** Interpolates between the sampled voxels of a row. */
        void interpolate(float[] in, int from, float[] out, int to) {
            for (int i = 0; i < lower.length; i++) {
                float below = in[from + sampled[lower[i]]];
                out[to + i] = below + rest[i] * (in[from + sampled[upper(i)]] - below);
            }
        }

        /** Interpolates between the sampled rows, each of this width. */
        void interpolate(float[] in, float[] out, int to, int width) {
            for (int i = 0; i < lower.length; i++) {
                Lines.set(in, lower[i] * width, 1 - rest[i], out, to + i * width, width);
                if (rest[i] > 0) {
                    Lines.add(in, upper(i) * width, rest[i], out, to + i * width, width);
                }
            }
        }
    }
}
