package dev.preceptor.augment;

import dev.preceptor.base.Draws;
import dev.preceptor.volume.Size;

/**
 * Brightness and contrast: {@code (v - origin) factor + origin}. Contrast takes the mean of the sequence as origin and keeps
 * within its range; brightness takes 0 (nnU-Net).
 *
 * @param factor 1 changes nothing
 * @param aboutMean whether this is contrast
 */
record Linear(double factor, boolean aboutMean) implements Distortion {
    static Linear drawBrightness(Chance chance, Size size, Draws draws) {
        return new Linear(chance.drawFactor(draws), false);
    }

    static Linear drawContrast(Chance chance, Size size, Draws draws) {
        return new Linear(chance.drawFactor(draws), true);
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
        Moments moments = Moments.of(channel);
        float mean = (float) moments.mean();
        float least = moments.least();
        float greatest = moments.greatest();
        for (int i = channel.start(); i < end; i++) {
            values[i] = Math.min(Math.max((values[i] - mean) * scale + mean, least), greatest);
        }
    }
}
