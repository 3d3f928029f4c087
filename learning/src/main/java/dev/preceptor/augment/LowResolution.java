package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * A coarser scan: of each axis only a share of the voxels is taken, those nearest to the coarse voxels' centres, and the rest
 * interpolated linearly between them (nnU-Net; PyTorch's {@code nearest-exact} and {@code trilinear}).
 *
 * @param share of the voxels along each axis that are taken, above 0, at most 1
 */
record LowResolution(double share) implements IntensityTransform {
    static LowResolution draw(TransformSettings transformSettings, Size size, RandomSource randomSource) {
        return new LowResolution(transformSettings.draw(randomSource));
    }

    @Override
    public void apply(Channel channel) {
        Size size = channel.size();
        Axis x = Axis.of(size.x(), share);
        Axis y = Axis.of(size.y(), share);
        Axis z = Axis.of(size.z(), share);
        // Rows and planes that are not taken are never interpolated within.
        float[] planes = new float[x.picked.length * size.y() * size.z()];
        float[] rows = new float[y.picked.length * size.z()];
        for (int i = 0; i < x.picked.length; i++) {
            for (int j = 0; j < y.picked.length; j++) {
                z.interpolate(channel.values(), channel.row(x.picked[i], y.picked[j]), rows, j * size.z());
            }
            y.interpolate(rows, planes, i * size.y() * size.z(), size.z());
        }
        x.interpolate(planes, channel.values(), channel.start(), size.y() * size.z());
    }

    /**
     * @param picked the voxels that are taken
     * @param lower for each voxel the one before it of those taken, by its number among them
     * @param rest the share of the one after it
     */
    private record Axis(int[] picked, int[] lower, float[] rest) {
        static Axis of(int extent, double share) {
            int coarse = Math.max((int) Math.rint(extent * share), 1);
            int[] picked = new int[coarse];
            for (int i = 0; i < coarse; i++) {
                picked[i] = Math.min((int) ((i + 0.5) * extent / coarse), extent - 1);
            }
            int[] lower = new int[extent];
            float[] rest = new float[extent];
            for (int i = 0; i < extent; i++) {
                double position = Math.max((i + 0.5) * coarse / extent - 0.5, 0);
                lower[i] = Math.min((int) position, coarse - 1);
                rest[i] = lower[i] == coarse - 1 ? 0 : (float) (position - lower[i]);
            }
            return new Axis(picked, lower, rest);
        }

        private int upper(int i) {
            return Math.min(lower[i] + 1, picked.length - 1);
        }

        /** Between voxels of a row. */
        void interpolate(float[] in, int from, float[] out, int to) {
            for (int i = 0; i < lower.length; i++) {
                float below = in[from + picked[lower[i]]];
                out[to + i] = below + rest[i] * (in[from + picked[upper(i)]] - below);
            }
        }

        /** Between rows of this width, those that are taken. */
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
