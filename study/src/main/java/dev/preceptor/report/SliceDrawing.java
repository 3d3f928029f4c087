package dev.preceptor.report;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.awt.Color;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.BitSet;

/**
 * Draws what lies on a plane, for PNG pictures and for pages alike: the image in grey, and the outlines of regions at the level
 * where half of a pixel belongs to the region.
 *
 * @param plane the pixels and where they lie in the world
 */
record SliceDrawing(SlicePlane plane) {
    private static final float LEVEL = 0.5f;
    private static final double TINT_OPACITY = 0.14;

    /** A region on the plane: the share of each pixel that belongs to it, row by row, 0 to 1. */
    record RegionSlice(int width, int height, float[] shares) {
        /** The outline in pixel coordinates, as loose segments; see {@link Contour}. */
        Path2D contour() {
            return Contour.of(shares, width, height, LEVEL);
        }

        /** The outline as the data of an SVG path; empty if there is none. */
        String svgPath() {
            return Outline.of(contour());
        }

        /** A transparent layer of a colour over the pixels within the outline. */
        BufferedImage tint(Color colour) {
            BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
            int argb = (int) Math.round(255 * TINT_OPACITY) << 24 | colour.getRGB() & 0xffffff;
            for (int i = 0; i < shares.length; i++) {
                if (shares[i] > LEVEL) {
                    picture.setRGB(i % width, i / width, argb);
                }
            }
            return picture;
        }
    }

    /**
     * The image on the plane: the darkest intensity has the colour of the ground, the brightest is white.
     *
     * @return a picture with one channel if the ground is grey, else with three
     */
    BufferedImage image(Volume volume, Color ground) {
        float[] samples = plane.sample(volume.grid(), i -> volume.voxels()[i]);
        return Window.of(volume).render(samples, plane.width(), plane.height(), ground);
    }

    /** A region of a label map on the plane. */
    RegionSlice region(LabelMap labels, Region region) {
        BitSet mask = labels.mask(region);
        return new RegionSlice(plane.width(), plane.height(), plane.sample(labels.grid(), i -> mask.get(i) ? 1 : 0));
    }
}
