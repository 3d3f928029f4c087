package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One region of a prediction and of its reference, on the part of their grid that holds both.
 *
 * @param prediction a mask on {@code grid}
 * @param reference a mask on {@code grid}
 * @param grid the part
 * @param whole the extent of the whole grid; outside the part there is nothing
 * @param counted voxels of the whole grid that the reference does not leave open
 */
record RegionMasks(BitSet prediction, BitSet reference, Grid grid, Size whole, int counted) {

    /**
     * The regions of two label maps on one grid, cut to the box around all of them with some voxels around it. Voxels that the
     * reference ignores are in no mask.
     */
    static Map<Region, RegionMasks> of(LabelMap prediction, LabelMap reference, List<Region> regions, int margin) {
        Map<Region, BitSet> predicted = new LinkedHashMap<>();
        Map<Region, BitSet> referenced = new LinkedHashMap<>();
        BitSet any = new BitSet();
        BitSet ignored = reference.ignored();
        for (Region region : regions) {
            predicted.put(region, prediction.mask(region));
            predicted.get(region).andNot(ignored);
            referenced.put(region, reference.mask(region));
            any.or(predicted.get(region));
            any.or(referenced.get(region));
        }
        Size whole = reference.size();
        Box box = Box.around(any, whole)
                .orElse(new Box(0, 0, 0, 1, 1, 1))
                .grown(margin)
                .within(whole);
        Map<Region, RegionMasks> masks = new LinkedHashMap<>();
        for (Region region : regions) {
            masks.put(
                    region,
                    new RegionMasks(
                            box.cropped(predicted.get(region), whole),
                            box.cropped(referenced.get(region), whole),
                            reference.grid().crop(box),
                            whole,
                            whole.voxels() - ignored.cardinality()));
        }
        return masks;
    }

    /** The voxel counts over the whole grid, but for ignored voxels. */
    ConfusionCounts overlap() {
        return ConfusionCounts.of(prediction, reference, counted);
    }

    /** The surfaces, not yet measured. */
    SurfacePair surfaces() {
        return SurfacePair.of(prediction, reference, grid);
    }

    /** Dice averaged over the slices of the first axis of the whole grid. */
    double sliceDice() {
        int within = grid.size().x();
        double emptySlices = whole.x() - within;
        return (SliceDice.of(prediction, reference, grid.size()) * within + emptySlices) / whole.x();
    }
}
