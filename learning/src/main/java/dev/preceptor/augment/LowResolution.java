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
    public void apply(DeferredChannel deferred) {
        Channel channel = deferred.materialise();
        Size size = channel.size();
        Axis x = Axis.of(size.x(), share);
        Axis y = Axis.of(size.y(), share);
        Axis z = Axis.of(size.z(), share);
        // Only sampled rows and planes are interpolated; a plane is needed by those between the last sampled one and
        // the next.
        float[][] rows = new float[y.sampled.length][size.z()];
        float[] line = new float[size.z()];
        float[] below = new float[size.y() * size.z()];
        float[] above = new float[below.length];
        float[] plane = new float[below.length];
        int read = 0;
        for (int i = 0; i < size.x(); i++) {
            while (read <= x.upper[i]) {
                float[] next = below;
                below = above;
                above = next;
                for (int j = 0; j < y.sampled.length; j++) {
                    z.interpolate(channel.values(), channel.row(x.sampled[read], y.sampled[j]), rows[j]);
                }
                for (int j = 0; j < size.y(); j++) {
                    Lines.mix(rows[y.lower[j]], rows[y.upper[j]], y.rest[j], line, line.length);
                    System.arraycopy(line, 0, above, j * line.length, line.length);
                }
                read++;
            }
            // The two planes that were read last, or the last one twice.
            float[] lower = x.lower[i] == read - 1 ? above : below;
            Lines.mix(lower, above, x.rest[i], plane, plane.length);
            System.arraycopy(plane, 0, channel.values(), channel.row(i, 0), plane.length);
        }
    }

    /**
     * @param sampled indices of the voxels that remain
     * @param lower for each voxel the position in {@code sampled} of the last one at or before it
     * @param upper that of the next one
     * @param rest weight of the next one
     */
    private record Axis(int[] sampled, int[] lower, int[] upper, float[] rest) {
        static Axis of(int extent, double share) {
            int coarse = Math.max((int) Math.rint(extent * share), 1);
            int[] sampled = new int[coarse];
            for (int i = 0; i < coarse; i++) {
                sampled[i] = Math.min((int) ((i + 0.5) * extent / coarse), extent - 1);
            }
            int[] lower = new int[extent];
            int[] upper = new int[extent];
            float[] rest = new float[extent];
            for (int i = 0; i < extent; i++) {
                double position = Math.max((i + 0.5) * coarse / extent - 0.5, 0);
                lower[i] = Math.min((int) position, coarse - 1);
                upper[i] = Math.min(lower[i] + 1, coarse - 1);
                rest[i] = lower[i] == coarse - 1 ? 0 : (float) (position - lower[i]);
            }
            return new Axis(sampled, lower, upper, rest);
        }

        /** Interpolates between the sampled voxels of a row. */
        void interpolate(float[] in, int from, float[] out) {
            for (int i = 0; i < lower.length; i++) {
                float below = in[from + sampled[lower[i]]];
                out[i] = below + rest[i] * (in[from + sampled[upper[i]]] - below);
            }
        }
    }
}
