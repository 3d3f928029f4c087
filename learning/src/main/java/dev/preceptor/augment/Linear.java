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
    public void apply(Channel channel) {
        float[] values = channel.values();
        float scale = (float) factor;
        int end = channel.end();
        if (!aboutMean) {
            for (int i = channel.start(); i < end; i++) {
                values[i] *= scale;
            }
            return;
        }
        ChannelMoments moments = ChannelMoments.of(channel);
        float mean = (float) moments.mean();
        float minimum = moments.minimum();
        float maximum = moments.maximum();
        for (int i = channel.start(); i < end; i++) {
            values[i] = Math.min(Math.max((values[i] - mean) * scale + mean, minimum), maximum);
        }
    }
}
