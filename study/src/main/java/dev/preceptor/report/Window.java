package dev.preceptor.report;

import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * A linear map of intensities to greys.
 *
 * @param low the intensity of the darkest grey
 * @param high the intensity of white, above {@code low}
 */
record Window(double low, double high) {
    private static final double AIR_HU = -200;
    private static final Window BRAIN_HU = new Window(-10, 90);

    /** From 0, or the first percentile if that is lower, to percentile 99.5 of the voxels that are not 0. */
    static Window of(Volume image) {
        float[] values = new float[image.voxels().length];
        int count = 0;
        for (float v : image.voxels()) {
            if (v != 0 && Float.isFinite(v)) {
                values[count++] = v;
            }
        }
        if (count == 0) {
            return new Window(0, 1);
        }
        values = Arrays.copyOf(values, count);
        Arrays.sort(values);
        double high = Quantile.of(values, 0.995);
        double low = Math.min(0, Quantile.of(values, 0.01));
        return new Window(low, high > low ? high : low + 1);
    }

    /**
     * From 0, or percentile 0.5 if that is lower, to percentile 99.5. A CT with air around the head gets the usual window of
     * the brain: between the intensities of air and bone, soft tissues would all have the same grey.
     */
    static Window of(Sequence sequence, IntensityStatistics statistics) {
        if (statistics.voxels() == 0) {
            return new Window(0, 1);
        }
        if (sequence.name().equals("CT") && statistics.p005() < AIR_HU) {
            return BRAIN_HU;
        }
        double low = Math.min(0, statistics.p005());
        return new Window(low, statistics.p995() > low ? statistics.p995() : low + 1);
    }

    /** The grey of an intensity: 0 at {@code low} and below, 1 at {@code high} and above. */
    double level(double sample) {
        return Math.max(0, Math.min(1, (sample - low) / (high - low)));
    }

    /**
     * A picture of samples.
     *
     * @param samples intensities, row by row
     * @param ground colour of the darkest grey; if it is grey itself, the picture has one channel, else three
     */
    BufferedImage render(float[] samples, int width, int height, Color ground) {
        boolean isGrey = ground.getRed() == ground.getGreen() && ground.getRed() == ground.getBlue();
        BufferedImage picture =
                new BufferedImage(width, height, isGrey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        int[] channels =
                isGrey ? new int[] {ground.getRed()} : new int[] {ground.getRed(), ground.getGreen(), ground.getBlue()};
        for (int i = 0; i < samples.length; i++) {
            double level = level(samples[i]);
            for (int c = 0; c < channels.length; c++) {
                int value = (int) Math.round(channels[c] + level * (255 - channels[c]));
                picture.getRaster().setSample(i % width, i / width, c, value);
            }
        }
        return picture;
    }
}
