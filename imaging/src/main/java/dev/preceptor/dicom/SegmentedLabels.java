package dev.preceptor.dicom;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Writes segments into a label map: of segments that contain each other the innermost decides. Segments without a common class must
 * not overlap.
 */
final class SegmentedLabels {
    private final LabelSpace space;
    private final SegmentMeanings meanings;
    private final Map<Integer, Segment> segments = new HashMap<>();
    private final Grid grid;
    private final boolean isLabelMap;

    SegmentedLabels(LabelSpace space, SegmentMeanings meanings, List<Segment> segments, Grid grid, boolean isLabelMap) {
        this.space = space;
        this.meanings = meanings;
        segments.forEach(segment -> this.segments.put(segment.number(), segment));
        this.grid = grid;
        this.isLabelMap = isLabelMap;
    }

    /**
     * The labels.
     *
     * @param pixels gives the pixels on a grid that are not 0 to a consumer
     * @throws IllegalArgumentException if segments without a common class overlap, or a frame is of none of the segments
     */
    LabelMap of(BiConsumer<Grid, DicomSegmentation.PixelConsumer> pixels) {
        List<Integer> order = meanings.outermostFirst();
        // The place in the order, from 1, of the segment that decides; 0 for none.
        int[] place = new int[256];
        order.forEach(number -> place[number] = order.indexOf(number) + 1);
        boolean[][] excluded = excluded(order);
        byte[] deciding = new byte[grid.size().voxels()];
        pixels.accept(grid, (frameSegment, voxel, value) -> {
            int number = isLabelMap ? value : frameSegment;
            int own = number >= 0 && number < place.length ? place[number] : 0;
            if (own == 0) {
                throw new IllegalArgumentException("has voxels of segment " + number + ", which it does not describe");
            }
            int other = deciding[voxel] & 0xff;
            if (other != 0 && excluded[own][other]) {
                throw new IllegalArgumentException(segments.get(number) + " and "
                        + segments.get(order.get(other - 1)) + " overlap, but "
                        + meanings.regions().get(number) + " and "
                        + meanings.regions().get(order.get(other - 1)) + " exclude each other");
            }
            deciding[voxel] = (byte) Math.max(own, other);
        });
        byte[] values = new byte[order.size() + 1];
        for (int i = 0; i < order.size(); i++) {
            values[i + 1] = space.valueOf(meanings.regions().get(order.get(i)).writtenAs())
                    .orElseThrow()
                    .byteValue();
        }
        for (int i = 0; i < deciding.length; i++) {
            deciding[i] = values[deciding[i] & 0xff];
        }
        return new LabelMap(grid, deciding, space);
    }

    private boolean[][] excluded(List<Integer> order) {
        boolean[][] excluded = new boolean[order.size() + 1][order.size() + 1];
        for (int a = 0; a < order.size(); a++) {
            for (int b = 0; b < order.size(); b++) {
                Region first = meanings.regions().get(order.get(a));
                Region second = meanings.regions().get(order.get(b));
                excluded[a + 1][b + 1] = Collections.disjoint(first.classes(), second.classes());
            }
        }
        return excluded;
    }
}
