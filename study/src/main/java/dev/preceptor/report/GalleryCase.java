package dev.preceptor.report;

import dev.preceptor.metrics.ConfusionCounts;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One patient in a gallery: an axial and a coronal slice where the reference is largest, and the outlines of the regions for
 * the reference and for each candidate.
 *
 * @param id of the subject
 * @param caption stands beside the id
 * @param slices both slices, one above the other, as a PNG in a data URI
 * @param width of the picture in pixels
 * @param height of the picture in pixels
 * @param tops where each slice begins, in pixels from the top
 * @param reference outlines of the reference, with its volumes in ml
 * @param candidates outlines of each candidate by name, with its volumetric Dice
 * @param viewCommand that shows the patient in a browser; empty if it has no files
 */
record GalleryCase(
        String id,
        String caption,
        String slices,
        int width,
        int height,
        List<Integer> tops,
        Outlines reference,
        Map<String, Outlines> candidates,
        Optional<String> viewCommand) {
    private static final int WIDTH = 208;
    private static final int GAP = 6;
    private static final List<View> VIEWS = List.of(View.AXIAL, View.CORONAL);

    /**
     * The outlines of one label map.
     *
     * @param paths data of SVG paths, one for each slice, by region
     * @param figures numbers written below, by region
     */
    record Outlines(Map<Region, List<String>> paths, Map<Region, String> figures) {}

    GalleryCase {
        candidates = Collections.unmodifiableMap(new LinkedHashMap<>(candidates));
    }

    /** The regions of the reference, in their order. */
    List<Region> regions() {
        return List.copyOf(reference.paths().keySet());
    }

    /**
     * Draws a patient.
     *
     * @param image drawn under the outlines; it may lie on a grid of its own
     * @param reference the true labels
     * @param candidates on the grid of the reference
     * @throws dev.preceptor.base.MismatchException if a candidate lies on another grid
     */
    static GalleryCase of(
            String id,
            String caption,
            Volume image,
            LabelMap reference,
            Map<String, LabelMap> candidates,
            Optional<String> viewCommand) {
        SliceSelection selection = SliceSelection.of(image, reference, candidates.values());
        List<SlicePlane> planes =
                VIEWS.stream().map(view -> selection.plane(view, WIDTH)).toList();
        int height = -GAP;
        List<Integer> tops = new ArrayList<>();
        for (SlicePlane plane : planes) {
            tops.add(height + GAP);
            height += plane.height() + GAP;
        }
        Map<String, Outlines> drawn = new LinkedHashMap<>();
        candidates.forEach((name, labels) ->
                drawn.put(name, outlines(planes, labels, reference.schema().regions(), dice(labels, reference))));
        return new GalleryCase(
                id,
                caption,
                picture(image, planes, tops, height),
                WIDTH,
                height,
                tops,
                outlines(planes, reference, reference.schema().regions(), volumes(reference)),
                drawn,
                viewCommand);
    }

    private static String picture(Volume image, List<SlicePlane> planes, List<Integer> tops, int height) {
        BufferedImage picture = new BufferedImage(WIDTH, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int p = 0; p < planes.size(); p++) {
            BufferedImage slice = new SliceDrawing(planes.get(p)).image(image, Color.BLACK);
            picture.getRaster().setRect(0, tops.get(p), slice.getRaster());
        }
        return PngUri.of(picture);
    }

    private static Outlines outlines(
            List<SlicePlane> planes, LabelMap labels, List<Region> regions, Map<Region, String> figures) {
        Map<Region, List<String>> paths = new LinkedHashMap<>();
        for (Region region : regions) {
            List<String> views = planes.stream()
                    .map(plane -> new SliceDrawing(plane).region(labels, region).svgPath())
                    .toList();
            paths.put(region, views);
        }
        return new Outlines(paths, figures);
    }

    private static Map<Region, String> volumes(LabelMap labels) {
        Map<Region, String> figures = new LinkedHashMap<>();
        for (Region region : labels.schema().regions()) {
            double ml = labels.mask(region).cardinality() * labels.grid().voxelVolume() / 1000;
            figures.put(region, NumberStyle.TYPESET.number(ml, 1) + " ml");
        }
        return figures;
    }

    private static Map<Region, String> dice(LabelMap labels, LabelMap reference) {
        reference.grid().requireMatches(labels.grid(), "the reference", "a candidate");
        Map<Region, String> figures = new LinkedHashMap<>();
        for (Region region : reference.schema().regions()) {
            double dice = ConfusionCounts.of(labels, reference, region).dice();
            figures.put(region, NumberStyle.TYPESET.number(dice, 3));
        }
        return figures;
    }
}
