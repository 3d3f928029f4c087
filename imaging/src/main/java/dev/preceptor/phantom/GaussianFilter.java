package dev.preceptor.phantom;

import dev.preceptor.volume.Size;

/** Separable Gaussian smoothing of x-fastest arrays; values outside the grid count as 0. */
final class GaussianFilter {
    private GaussianFilter() {}

    /**
     * A smoothed copy.
     *
     * @param sigma the standard deviation in voxels, at most a few
     */
    static float[] gaussian(float[] values, Size size, double sigma) {
        return gaussian(values, size, sigma, sigma, sigma);
    }

    /** A smoothed copy with one standard deviation (in voxels) per axis; axes with less than 0.1 are not smoothed. */
    static float[] gaussian(float[] values, Size size, double sigmaX, double sigmaY, double sigmaZ) {
        float[] result = values.clone();
        along(result, 1, size.x(), sigmaX);
        along(result, size.x(), size.y(), sigmaY);
        along(result, size.x() * size.y(), size.z(), sigmaZ);
        return result;
    }

    private static void along(float[] values, int stride, int length, double sigma) {
        if (sigma < 0.1) {
            return;
        }
        float[] kernel = kernel(sigma);
        int radius = kernel.length - 1;
        float[] line = new float[length + 2 * radius];
        for (int base = 0; base < values.length; base += stride * length) {
            for (int offset = 0; offset < stride; offset++) {
                int start = base + offset;
                boolean empty = true;
                for (int i = 0; i < length; i++) {
                    float value = values[start + i * stride];
                    line[radius + i] = value;
                    empty &= value == 0;
                }
                if (empty) {
                    continue;
                }
                for (int i = 0; i < length; i++) {
                    float sum = kernel[0] * line[radius + i];
                    for (int r = 1; r <= radius; r++) {
                        sum += kernel[r] * (line[radius + i - r] + line[radius + i + r]);
                    }
                    values[start + i * stride] = sum;
                }
            }
        }
    }

    private static float[] kernel(double sigma) {
        int radius = Math.max(1, (int) Math.ceil(3 * sigma));
        double[] weights = new double[radius + 1];
        double sum = 0;
        for (int r = 0; r <= radius; r++) {
            weights[r] = StrictMath.exp(-0.5 * r * r / (sigma * sigma));
            sum += r == 0 ? weights[r] : 2 * weights[r];
        }
        float[] kernel = new float[radius + 1];
        for (int r = 0; r <= radius; r++) {
            kernel[r] = (float) (weights[r] / sum);
        }
        return kernel;
    }
}
