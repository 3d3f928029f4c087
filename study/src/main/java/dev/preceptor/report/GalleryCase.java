package dev.preceptor.report;

import dev.preceptor.metrics.ConfusionCounts;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * One patient in a gallery: an axial and a coronal slice through the most of the reference, drawn once, and the outlines of
 * WT, TC and ET over them for the reference and each candidate.
 *
 * @param id of the subject
 * @param caption what is said beside it
 * @param slices both slices, one above the other, as a PNG in a data URI
 * @param width of the picture in pixels
 * @param height of the picture in pixels
 * @param tops where each slice begins, in pixels from above
 * @param reference the true outlines, under the volumes in ml
 * @param candidates the outlines of each, under its volumetric Dice
 */
record GalleryCase(
        String id,
        String caption,
        String slices,
        int width,
        int height,
        List<Integer> tops,
        Outlines reference,
        Map<String, Outlines> candidates) {
    private static final int WIDTH = 208;
    private static final int GAP = 6;
    private static final List<View> VIEWS = List.of(View.AXIAL, View.CORONAL);

    /**
     * What is drawn of one label map.
     *
     * @param paths by region, the data of SVG paths
     * @param figures by region
     */
    record Outlines(Map<String, List<String>> paths, Map<String, String> figures) {}

    GalleryCase {
        candidates = Collections.unmodifiableMap(new LinkedHashMap<>(candidates));
    }

    /**
     * Draws.
     *
     * @param image what lies under the outlines
     * @param reference the truth
     * @param candidates on the grid of the reference
     */
    static GalleryCase of(
            String id, String caption, Volume image, LabelMap reference, Map<String, LabelMap> candidates) {
        SliceSelection sliceSelection = SliceSelection.of(image, reference, candidates.values());
        List<SlicePlane> planes =
                VIEWS.stream().map(view -> sliceSelection.plane(view, WIDTH)).toList();
        int height = -GAP;
        List<Integer> tops = new ArrayList<>();
        for (SlicePlane plane : planes) {
            tops.add(height + GAP);
            height += plane.height() + GAP;
        }
        Map<String, Outlines> drawn = new LinkedHashMap<>();
        candidates.forEach((name, labels) -> drawn.put(name, outlines(planes, labels, dice(labels, reference))));
        return new GalleryCase(
                id,
                caption,
                picture(image, planes, tops, height),
                WIDTH,
                height,
                tops,
                outlines(planes, reference, volumes(reference)),
                drawn);
    }

    private static String picture(Volume image, List<SlicePlane> planes, List<Integer> tops, int height) {
        Window window = Window.of(image);
        BufferedImage picture = new BufferedImage(WIDTH, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int p = 0; p < planes.size(); p++) {
            SlicePlane plane = planes.get(p);
            int top = tops.get(p);
            float[] samples = plane.sample(image.grid(), i -> image.voxels()[i]);
            for (int i = 0; i < samples.length; i++) {
                picture.getRaster().setSample(i % WIDTH, top + i / WIDTH, 0, (int) (255 * window.level(samples[i])));
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
    }

    private static Outlines outlines(List<SlicePlane> planes, LabelMap labels, Map<String, String> figures) {
        Map<String, List<String>> paths = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            BitSet mask = labels.mask(region);
            List<String> views = new ArrayList<>();
            for (SlicePlane plane : planes) {
                float[] share = plane.sample(labels.grid(), i -> mask.get(i) ? 1 : 0);
                views.add(Outline.of(Contour.of(share, plane.width(), plane.height(), 0.5f)));
            }
            paths.put(region.name(), views);
        }
        return new Outlines(paths, figures);
    }

    private static Map<String, String> volumes(LabelMap labels) {
        Map<String, String> figures = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            double ml = labels.mask(region).cardinality() * labels.grid().voxelVolume() / 1000;
            figures.put(region.name(), TableCell.text(ml, 1) + " ml");
        }
        return figures;
    }

    private static Map<String, String> dice(LabelMap labels, LabelMap reference) {
        reference.grid().requireMatches(labels.grid(), "the reference", "a candidate");
        Map<String, String> figures = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            double dice = ConfusionCounts.of(labels, reference, region).dice();
            figures.put(region.name(), TableCell.text(dice, 3));
        }
        return figures;
    }
}
