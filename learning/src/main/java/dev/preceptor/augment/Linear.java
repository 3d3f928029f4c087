package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Brightness and contrast: {@code (v - origin) factor + origin}. Contrast takes the mean of the sequence as origin and keeps
 * within its range; brightness takes 0 (nnU-Net).
 *
 * @param factor 1 changes nothing
 * @param aboutMean whether this is contrast
 */
record Linear(double factor, boolean aboutMean) implements IntensityTransform {
    static Linear drawBrightness(TransformSettings transformSettings, Size size, RandomSource randomSource) {
        return new Linear(transformSettings.drawFactor(randomSource), false);
    }

    static Linear drawContrast(TransformSettings transformSettings, Size size, RandomSource randomSource) {
        return new Linear(transformSettings.drawFactor(randomSource), true);
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
        ChannelMoments channelMoments = ChannelMoments.of(channel);
        float mean = (float) channelMoments.mean();
        float least = channelMoments.least();
        float greatest = channelMoments.greatest();
        for (int i = channel.start(); i < end; i++) {
            values[i] = Math.min(Math.max((values[i] - mean) * scale + mean, least), greatest);
        }
    }
}
