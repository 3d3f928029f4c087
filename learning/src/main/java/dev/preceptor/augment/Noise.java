package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;
import java.util.SplittableRandom;

/**
 * Additive Gaussian noise. Each value is one of 65,536 evenly spaced quantiles of the normal distribution, so that none
 * exceeds 4.3 standard deviations.
 *
 * @param deviation standard deviation in the unit of the intensities
 * @param seed of the noise
 */
record Noise(double deviation, long seed) implements IntensityTransform {
    private static final float[] QUANTILES = quantiles();

    static Noise draw(TransformSettings settings, Size size, RandomSource random) {
        return new Noise(settings.draw(random), random.bits());
    }

    @Override
    public void apply(DeferredChannel channel) {
        SplittableRandom random = new SplittableRandom(seed);
        float scale = (float) deviation;
        channel.then((block, length, row) -> add(block, length, scale, random));
    }

    private static void add(float[] values, int end, float scale, SplittableRandom random) {
        int i = 0;
        for (; i + 3 < end; i += 4) {
            long bits = random.nextLong();
            values[i] += scale * QUANTILES[(int) bits & 0xFFFF];
            values[i + 1] += scale * QUANTILES[(int) (bits >>> 16) & 0xFFFF];
            values[i + 2] += scale * QUANTILES[(int) (bits >>> 32) & 0xFFFF];
            values[i + 3] += scale * QUANTILES[(int) (bits >>> 48)];
        }
        long bits = i < end ? random.nextLong() : 0;
        for (; i < end; i++) {
            values[i] += scale * QUANTILES[(int) bits & 0xFFFF];
            bits >>>= 16;
        }
    }

    /** The quantiles at (i + 0.5) / 65536, by integrating the density with Simpson's rule. */
    private static float[] quantiles() {
        float[] quantiles = new float[1 << 16];
        int half = quantiles.length / 2;
        double step = 1e-4;
        double below = 0.5;
        double density = density(0);
        double x = 0;
        for (int i = half; i < quantiles.length; i++) {
            double probability = (i + 0.5) / quantiles.length;
            double next = density(x + step);
            double part = step / 6 * (density + 4 * density(x + step / 2) + next);
            while (below + part < probability) {
                below += part;
                x += step;
                density = next;
                next = density(x + step);
                part = step / 6 * (density + 4 * density(x + step / 2) + next);
            }
            quantiles[i] = (float) (x + step * (probability - below) / part);
            quantiles[quantiles.length - 1 - i] = -quantiles[i];
        }
        return quantiles;
    }

    private static double density(double x) {
        return StrictMath.exp(-0.5 * x * x) / StrictMath.sqrt(2 * StrictMath.PI);
    }
}
