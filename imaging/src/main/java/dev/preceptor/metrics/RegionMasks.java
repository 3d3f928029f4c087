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
 * One region of a prediction and of its reference, cropped to the common bounding box of all scored regions. Outside the
 * box all masks are empty.
 *
 * @param prediction a mask on {@code grid}
 * @param reference a mask on {@code grid}
 * @param grid of the box
 * @param whole the size of the whole grid
 * @param counted the number of voxels of the whole grid that the reference does not ignore
 */
record RegionMasks(BitSet prediction, BitSet reference, Grid grid, Size whole, int counted) {

    /**
     * The regions of two label maps on one grid, cropped to the bounding box of all their voxels, grown by a margin in
     * voxels. Voxels that the reference ignores are in no mask.
     */
    static Map<Region, RegionMasks> of(LabelMap prediction, LabelMap reference, List<Region> regions, int margin) {
        Map<Region, BitSet> predicted = new LinkedHashMap<>();
        Map<Region, BitSet> referenced = new LinkedHashMap<>();
        BitSet union = new BitSet();
        BitSet ignored = reference.ignored();
        for (Region region : regions) {
            predicted.put(region, prediction.mask(region));
            predicted.get(region).andNot(ignored);
            referenced.put(region, reference.mask(region));
            union.or(predicted.get(region));
            union.or(referenced.get(region));
        }
        Size whole = reference.size();
        Box box = Box.around(union, whole)
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

    /** The voxel counts over the whole grid, except the ignored voxels. */
    ConfusionCounts overlap() {
        return ConfusionCounts.of(prediction, reference, counted);
    }

    /** The surfaces of both masks; their distances are computed on first use. */
    SurfacePair surfaces() {
        return SurfacePair.of(prediction, reference, grid);
    }

    /** Dice averaged over the slices of the first axis of the whole grid. */
    double sliceDice() {
        int slices = grid.size().x();
        double emptySlices = whole.x() - slices;
        return (SliceDice.of(prediction, reference, grid.size()) * slices + emptySlices) / whole.x();
    }
}
