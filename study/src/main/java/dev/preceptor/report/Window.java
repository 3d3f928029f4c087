package dev.preceptor.report;

import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Volume;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * How intensities become greys: linear from {@code low}, shown as the background of the page, to {@code high}, shown white.
 */
record Window(double low, double high) {
    private static final double FILL = 0.14;

    /** From 0 or the darkest percent to the brightest half percent of the voxels that are not 0. */
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

    /** From 0 at the lower end to 1 at the upper. */
    double level(double sample) {
        return Math.max(0, Math.min(1, (sample - low) / (high - low)));
    }

    /** A picture of the samples. */
    BufferedImage render(float[] samples, int width, int height, Color ground) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < samples.length; i++) {
            double level = level(samples[i]);
            int red = (int) Math.round(ground.getRed() + level * (255 - ground.getRed()));
            int green = (int) Math.round(ground.getGreen() + level * (255 - ground.getGreen()));
            int blue = (int) Math.round(ground.getBlue() + level * (255 - ground.getBlue()));
            picture.setRGB(i % width, i / width, red << 16 | green << 8 | blue);
        }
        return picture;
    }

    /** A breath of colour over the pixels whose share of a region is more than half. */
    static BufferedImage tint(float[] shares, int width, int height, Color colour) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        int tinted = (int) Math.round(255 * FILL) << 24 | colour.getRGB() & 0xffffff;
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] > 0.5f) {
                picture.setRGB(i % width, i / width, tinted);
            }
        }
        return picture;
    }
}
