package dev.preceptor.report;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One axial slice of a subject in each sequence, and the outlines of its regions there.
 *
 * @param slices PNG pictures in data URIs, by sequence
 * @param outlines data of SVG paths in pixels of the slices, by region; regions that the slice does not cut are left out
 * @param width of each slice in pixels
 * @param height of each slice in pixels
 * @param z the height of the slice in the world, mm
 */
record MosaicCase(Map<Sequence, String> slices, Map<Region, String> outlines, int width, int height, double z) {
    private static final int WIDTH = 192;

    /** Draws the slice that a selection names. */
    static MosaicCase of(
            Map<Sequence, GreyImage> images,
            SliceSelection selection,
            Optional<LabelMap> labels,
            List<Region> regions) {
        SlicePlane plane = selection.plane(View.AXIAL, WIDTH);
        Map<Sequence, String> slices = new TreeMap<>();
        images.forEach((sequence, image) -> slices.put(sequence, image.png(plane)));
        Map<Region, String> outlines = new LinkedHashMap<>();
        labels.ifPresent(map -> regions.forEach(region -> {
            String path = new SliceDrawing(plane).region(map, region).svgPath();
            if (!path.isEmpty()) {
                outlines.put(region, path);
            }
        }));
        return new MosaicCase(slices, outlines, plane.width(), plane.height(), plane.slice());
    }
}
