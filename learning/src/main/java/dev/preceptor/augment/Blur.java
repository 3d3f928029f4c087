package dev.preceptor.augment;

import dev.preceptor.base.Draws;
import dev.preceptor.volume.Size;

/**
 * Gaussian smoothing, separable, cut at four standard deviations; beyond the border the patch is mirrored about its edge
 * (scipy's {@code gaussian_filter} with its defaults).
 *
 * @param sigmas standard deviation along each axis, in voxels
 */
record Blur(double... sigmas) implements Distortion {
    private static final double TRUNCATE = 4;

    static Blur draw(Chance chance, Size size, Draws draws) {
        return new Blur(chance.draw(draws), chance.draw(draws), chance.draw(draws));
    }

    @Override
    public void apply(Channel channel) {
        for (int axis = 0; axis < 3; axis++) {
            float[] kernel = kernel(sigmas[axis]);
            if (kernel.length > 1) {
                Lines.along(channel, axis, (in, out, count, width) -> convolve(kernel, in, out, count, width));
            }
        }
    }

    /** The centre of the kernel and what follows it. */
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
        for (int i = 0; i < count; i++) {
            Lines.set(in, i, kernel[0], out, i, width);
            for (int r = 1; r < kernel.length; r++) {
                int before = mirrored(i - r, count) * width;
                int after = mirrored(i + r, count) * width;
                int to = i * width;
                float share = kernel[r];
                for (int k = 0; k < width; k++) {
                    out[to + k] += share * (in[before + k] + in[after + k]);
                }
            }
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
