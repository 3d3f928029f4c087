package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Brightness and contrast (nnU-Net): {@code (v - origin) factor + origin}. The origin of brightness is 0; that of contrast is
 * the mean of the sequence, and the result is clipped to the range of the sequence.
 *
 * @param factor 1 changes nothing
 * @param aboutMean whether this is contrast
 */
record Linear(double factor, boolean aboutMean) implements IntensityTransform {
    static Linear drawBrightness(TransformSettings settings, Size size, RandomSource random) {
        return new Linear(settings.drawFactor(random), false);
    }

    static Linear drawContrast(TransformSettings settings, Size size, RandomSource random) {
        return new Linear(settings.drawFactor(random), true);
    }

    @Override
    public void apply(DeferredChannel channel) {
        float scale = (float) factor;
        if (!aboutMean) {
            channel.then((block, length, row) -> scale(block, length, scale));
            return;
        }
        ChannelMoments moments = channel.moments();
        float mean = (float) moments.mean();
        float minimum = moments.minimum();
        float maximum = moments.maximum();
        channel.then((block, length, row) -> stretch(block, length, scale, mean, minimum, maximum));
    }

    private static void scale(float[] values, int length, float scale) {
        for (int i = 0; i < length; i++) {
            values[i] *= scale;
        }
    }

    private static void stretch(float[] values, int length, float scale, float mean, float minimum, float maximum) {
        for (int i = 0; i < length; i++) {
            values[i] = Math.min(Math.max((values[i] - mean) * scale + mean, minimum), maximum);
        }
    }
}
