package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Gaussian blur, separable, truncated at four standard deviations, with the border reflected (scipy's {@code gaussian_filter}
 * with its defaults).
 *
 * @param sigmas standard deviation along each axis, in voxels
 */
record GaussianBlur(double... sigmas) implements IntensityTransform {
    private static final double TRUNCATE = 4;

    /** Voxels that all passes over a line finish before the next. */
    private static final int PART = 1024;

    static GaussianBlur draw(TransformSettings settings, Size size, RandomSource random) {
        return new GaussianBlur(settings.draw(random), settings.draw(random), settings.draw(random));
    }

    @Override
    public void apply(DeferredChannel deferred) {
        Channel channel = deferred.settle();
        Size size = channel.size();
        float[] alongX = kernel(sigmas[0]);
        int radius = alongX.length - 1;
        int plane = size.y() * size.z();
        int kept = Math.min(2 * radius + 1, size.x());
        // The planes around the one that is written, smooth along y and z: each voxel is read and written once.
        float[] planes = new float[kept * plane];
        PlaneBlur blur = new PlaneBlur(kernel(sigmas[1]), kernel(sigmas[2]), size);
        int[] before = new int[alongX.length];
        int[] after = new int[alongX.length];
        for (int x = 0; x < size.x() + radius; x++) {
            if (x < size.x()) {
                blur.apply(channel.values(), channel.row(x, 0), planes, x % kept * plane);
            }
            int ready = x - radius;
            if (ready >= 0) {
                for (int r = 0; r <= radius; r++) {
                    before[r] = mirrored(ready - r, size.x()) % kept * plane;
                    after[r] = mirrored(ready + r, size.x()) % kept * plane;
                }
                mix(alongX, planes, before, after, channel.values(), channel.row(ready, 0), plane);
            }
        }
    }

    /** The weights of the kernel from its centre to one end. */
    private static float[] kernel(double sigma) {
        int radius = (int) (TRUNCATE * sigma + 0.5);
        double[] weights = new double[radius + 1];
        double sum = 0;
        for (int r = 0; r <= radius; r++) {
            weights[r] = r == 0 ? 1 : Math.exp(-0.5 * r * r / (sigma * sigma));
            sum += r == 0 ? 1 : 2 * weights[r];
        }
        float[] kernel = new float[radius + 1];
        for (int r = 0; r <= radius; r++) {
            kernel[r] = (float) (weights[r] / sum);
        }
        return kernel;
    }

    /** Blurs planes along y and z: a plane with a margin is one line in memory, on which a step along y is a row. */
    private static final class PlaneBlur {
        private final float[] alongY;
        private final float[] alongZ;
        private final Size size;
        private final int marginY;
        private final int marginZ;
        private final int row;
        private final float[] plane;
        private final float[] smooth;

        PlaneBlur(float[] alongY, float[] alongZ, Size size) {
            this.alongY = alongY;
            this.alongZ = alongZ;
            this.size = size;
            this.marginY = alongY.length - 1;
            this.marginZ = alongZ.length - 1;
            this.row = size.z() + 2 * marginZ;
            this.plane = new float[row * (size.y() + 2 * marginY)];
            this.smooth = new float[plane.length];
        }

        void apply(float[] values, int start, float[] out, int to) {
            for (int y = 0; y < size.y() + 2 * marginY; y++) {
                int from = start + mirrored(y - marginY, size.y()) * size.z();
                System.arraycopy(values, from, plane, y * row + marginZ, size.z());
                for (int z = 0; z < marginZ; z++) {
                    plane[y * row + z] = values[from + mirrored(z - marginZ, size.z())];
                    plane[y * row + marginZ + size.z() + z] = values[from + mirrored(size.z() + z, size.z())];
                }
            }
            line(alongZ, 1, plane, smooth, marginZ, plane.length - marginZ);
            line(alongY, row, smooth, plane, marginY * row, plane.length - marginY * row);
            for (int y = 0; y < size.y(); y++) {
                System.arraycopy(plane, (y + marginY) * row + marginZ, out, to + y * size.z(), size.z());
            }
        }
    }

    private static void line(float[] kernel, int step, float[] in, float[] out, int begin, int end) {
        int[] before = new int[kernel.length];
        int[] after = new int[kernel.length];
        for (int r = 0; r < kernel.length; r++) {
            before[r] = begin - r * step;
            after[r] = begin + r * step;
        }
        mix(kernel, in, before, after, out, begin, end - begin);
    }

    /** The weighted sum of shifted lines, part by part in the processor's first cache, with loops that vectorise. */
    private static void mix(float[] kernel, float[] in, int[] before, int[] after, float[] out, int to, int length) {
        for (int begin = 0; begin < length; begin += PART) {
            int part = Math.min(PART, length - begin);
            if (kernel.length < 3) {
                Lines.set(in, before[0] + begin, kernel[0], out, to + begin, part);
            } else {
                five(in, begin, before, after, kernel, out, to + begin, part);
            }
            for (int r = kernel.length < 3 ? 1 : 3; r < kernel.length; r++) {
                two(in, before[r] + begin, after[r] + begin, kernel[r], out, to + begin, part);
            }
        }
    }

    private static void five(
            float[] in, int begin, int[] before, int[] after, float[] kernel, float[] out, int to, int length) {
        int a = before[0] + begin;
        int b = before[1] + begin;
        int c = after[1] + begin;
        int d = before[2] + begin;
        int e = after[2] + begin;
        float k0 = kernel[0];
        float k1 = kernel[1];
        float k2 = kernel[2];
        for (int k = 0; k < length; k++) {
            out[to + k] = k0 * in[a + k] + k1 * (in[b + k] + in[c + k]) + k2 * (in[d + k] + in[e + k]);
        }
    }

    private static void two(float[] in, int before, int after, float share, float[] out, int to, int length) {
        for (int k = 0; k < length; k++) {
            out[to + k] += share * (in[before + k] + in[after + k]);
        }
    }

    private static int mirrored(int i, int count) {
        if (i >= 0 && i < count) {
            return i;
        }
        int within = Math.floorMod(i, 2 * count);
        return within < count ? within : 2 * count - 1 - within;
    }
}
