package dev.preceptor.report;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Volume;
import java.awt.image.BufferedImage;

/**
 * A volume reduced to 256 greys, a quarter of its size in memory, so that a slice can be drawn when it is known which one.
 *
 * @param grid the positions of the voxels
 * @param voxels greys from 0 to 255 as unsigned bytes, x-fastest
 */
record GreyImage(Grid grid, byte[] voxels) {
    static GreyImage of(Volume volume, Window window) {
        byte[] greys = new byte[volume.voxels().length];
        for (int i = 0; i < greys.length; i++) {
            // NaN becomes black.
            greys[i] = (byte) Math.round(255 * window.level(volume.voxels()[i]));
        }
        return new GreyImage(volume.grid(), greys);
    }

    /** What lies on a plane, as a PNG in a data URI. */
    String png(SlicePlane plane) {
        float[] samples = plane.sample(grid, i -> voxels[i] & 0xff);
        BufferedImage picture = new BufferedImage(plane.width(), plane.height(), BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < samples.length; i++) {
            picture.getRaster().setSample(i % plane.width(), i / plane.width(), 0, Math.round(samples[i]));
        }
        return PngUri.of(picture);
    }
}
