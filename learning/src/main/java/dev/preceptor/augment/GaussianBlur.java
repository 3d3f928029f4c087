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

    static GaussianBlur draw(TransformSettings settings, Size size, RandomSource random) {
        return new GaussianBlur(settings.draw(random), settings.draw(random), settings.draw(random));
    }

    @Override
    public void apply(Channel channel) {
        float[] alongX = kernel(sigmas[0]);
        if (alongX.length > 1) {
            Lines.alongX(channel, (in, out, count, width) -> convolve(alongX, in, out, count, width));
        }
        float[] alongY = kernel(sigmas[1]);
        float[] alongZ = kernel(sigmas[2]);
        if (alongY.length > 1 || alongZ.length > 1) {
            planes(channel, alongY, alongZ);
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

    private static void convolve(float[] kernel, float[] in, float[] out, int count, int width) {
        int[] before = new int[kernel.length];
        int[] after = new int[kernel.length];
        for (int i = 0; i < count; i++) {
            for (int r = 0; r < kernel.length; r++) {
                before[r] = mirrored(i - r, count) * width;
                after[r] = mirrored(i + r, count) * width;
            }
            mix(kernel, in, before, after, out, i * width, width);
        }
    }

    /** Blurs along y and z, plane by plane: a plane with a margin is one line in memory, on which a step along y is a row. */
    private static void planes(Channel channel, float[] alongY, float[] alongZ) {
        Size size = channel.size();
        int marginY = alongY.length - 1;
        int marginZ = alongZ.length - 1;
        int row = size.z() + 2 * marginZ;
        int rows = size.y() + 2 * marginY;
        float[] plane = new float[row * rows];
        float[] smooth = new float[row * rows];
        for (int x = 0; x < size.x(); x++) {
            for (int y = 0; y < rows; y++) {
                int from = channel.row(x, mirrored(y - marginY, size.y()));
                System.arraycopy(channel.values(), from, plane, y * row + marginZ, size.z());
                for (int z = 0; z < marginZ; z++) {
                    plane[y * row + z] = channel.values()[from + mirrored(z - marginZ, size.z())];
                    plane[y * row + marginZ + size.z() + z] = channel.values()[from + mirrored(size.z() + z, size.z())];
                }
            }
            line(alongZ, 1, plane, smooth, marginZ, plane.length - marginZ);
            line(alongY, row, smooth, plane, marginY * row, plane.length - marginY * row);
            for (int y = 0; y < size.y(); y++) {
                System.arraycopy(plane, (y + marginY) * row + marginZ, channel.values(), channel.row(x, y), size.z());
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

    /** The weighted sum of shifted lines, in few passes over the result with loops that vectorise. */
    private static void mix(float[] kernel, float[] in, int[] before, int[] after, float[] out, int to, int length) {
        if (kernel.length < 3) {
            Lines.set(in, before[0], kernel[0], out, to, length);
        } else {
            five(in, before, after, kernel[0], kernel[1], kernel[2], out, to, length);
        }
        for (int r = kernel.length < 3 ? 1 : 3; r < kernel.length; r++) {
            two(in, before[r], after[r], kernel[r], out, to, length);
        }
    }

    private static void five(
            float[] in, int[] before, int[] after, float k0, float k1, float k2, float[] out, int to, int length) {
        int a = before[0];
        int b = before[1];
        int c = after[1];
        int d = before[2];
        int e = after[2];
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
