package dev.preceptor.infer;

import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.RegionRule;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Applies a {@link PostProcessing} to the predicted masks of the regions of a label space, from the outermost region in. A region
 * counts with the regions inside it, as in a label map. Voxels that an outer region loses leave the regions inside it too; voxels
 * that an inner region loses stay in every region around it. A hole that a region fills belongs to the regions around it too.
 */
final class RegionFilter {
    /** Share by which a volume may fall short of a limit through the rounding of an affine. */
    private static final double ROUNDING = 1e-6;

    private final LabelSpace labels;
    /** For each region the numbers of the regions inside it. */
    private final List<List<Integer>> inside = new ArrayList<>();
    /** The numbers of the regions, each after those that contain it. */
    private final List<Integer> outermostFirst;

    RegionFilter(LabelSpace labels) {
        this.labels = labels;
        List<Set<Integer>> classes = labels.numbersByRegion().stream()
                .<Set<Integer>>map(HashSet::new)
                .toList();
        int regions = classes.size();
        for (Set<Integer> outer : classes) {
            inside.add(IntStream.range(0, regions)
                    .filter(i -> classes.get(i).size() < outer.size() && outer.containsAll(classes.get(i)))
                    .boxed()
                    .toList());
        }
        this.outermostFirst = IntStream.range(0, regions)
                .boxed()
                .sorted((a, b) ->
                        Integer.compare(classes.get(b).size(), classes.get(a).size()))
                .toList();
    }

    /** The numbers of the regions, each after those that contain it. */
    List<Integer> outermostFirst() {
        return outermostFirst;
    }

    /**
     * The masks after post-processing. Their union has no voxel outside the union of {@code masks} and of its holes.
     *
     * @param masks of the regions in the order of the label space, by voxel index on the grid; they stay as they are
     * @param grid whose voxel volume converts the volumes of the rules
     */
    List<BitSet> apply(PostProcessing rules, List<BitSet> masks, Grid grid) {
        List<BitSet> kept = masks.stream().map(mask -> (BitSet) mask.clone()).toList();
        for (int region : outermostFirst) {
            RegionRule rule = rules.of(labels.regions().get(region).name());
            if (!rule.keepsAll()) {
                BitSet whole = (BitSet) kept.get(region).clone();
                inside.get(region).forEach(inner -> whole.or(kept.get(inner)));
                BitSet removed = removed(rule, whole, grid);
                remove(removed, region, kept);
                if (rule.fillBelowMl() > 0) {
                    whole.andNot(removed);
                    fill(holes(rule, whole, grid), region, kept);
                }
            }
        }
        return kept;
    }

    private void remove(BitSet removed, int region, List<BitSet> masks) {
        List<Integer> losing = new ArrayList<>(inside.get(region));
        losing.add(region);
        for (int loser : losing) {
            BitSet lost = (BitSet) masks.get(loser).clone();
            lost.and(removed);
            masks.get(loser).andNot(removed);
            for (int outer = 0; outer < inside.size(); outer++) {
                if (inside.get(outer).contains(loser) && !losing.contains(outer)) {
                    masks.get(outer).or(lost);
                }
            }
        }
    }

    private void fill(BitSet holes, int region, List<BitSet> masks) {
        for (int outer = 0; outer < inside.size(); outer++) {
            if (outer == region || inside.get(outer).contains(region)) {
                masks.get(outer).or(holes);
            }
        }
    }

    /** The voxels of the holes in a mask that a rule fills. */
    private static BitSet holes(RegionRule rule, BitSet mask, Grid grid) {
        BitSet holes = new BitSet();
        if (mask.isEmpty()) {
            return holes;
        }
        Size size = grid.size();
        Box box = Box.around(mask, size).orElseThrow();
        BitSet outside = box.cropped(mask, size);
        outside.flip(0, box.size().voxels());
        ConnectedComponents components = ConnectedComponents.of(outside, box.size(), Connectivity.FACES);
        BitSet filled = new BitSet();
        for (int component = 1; component <= components.count(); component++) {
            filled.set(
                    component, isBelow(components.voxels(component) * grid.voxelVolume() / 1000, rule.fillBelowMl()));
        }
        forEachVoxel(box, (x, y, z) -> {
            if (isAtBorder(x, box.size().x())
                    || isAtBorder(y, box.size().y())
                    || isAtBorder(z, box.size().z())) {
                filled.clear(components.at(box.size().index(x, y, z)));
            }
        });
        forEachVoxel(box, (x, y, z) -> {
            if (filled.get(components.at(box.size().index(x, y, z)))) {
                holes.set(size.index(box.x0() + x, box.y0() + y, box.z0() + z));
            }
        });
        return holes;
    }

    private static boolean isAtBorder(int position, int extent) {
        return position == 0 || position == extent - 1;
    }

    private interface VoxelConsumer {
        void accept(int x, int y, int z);
    }

    /** Each voxel of a box, counted from its corner. */
    private static void forEachVoxel(Box box, VoxelConsumer consumer) {
        for (int z = 0; z < box.size().z(); z++) {
            for (int y = 0; y < box.size().y(); y++) {
                for (int x = 0; x < box.size().x(); x++) {
                    consumer.accept(x, y, z);
                }
            }
        }
    }

    /** The voxels of a mask that a rule removes. */
    private static BitSet removed(RegionRule rule, BitSet mask, Grid grid) {
        BitSet removed = new BitSet();
        if (mask.isEmpty()) {
            return removed;
        }
        double voxelMl = grid.voxelVolume() / 1000;
        Size size = grid.size();
        if (rule.minimumMl() > 0 || rule.keepLargest()) {
            Box box = Box.around(mask, size).orElseThrow();
            ConnectedComponents components =
                    ConnectedComponents.of(box.cropped(mask, size), box.size(), Connectivity.CORNERS);
            BitSet dropped = dropped(rule, components, voxelMl);
            if (!dropped.isEmpty()) {
                mask.stream()
                        .filter(voxel -> dropped.get(components.at(within(box, voxel, size))))
                        .forEach(removed::set);
            }
        }
        int rest = mask.cardinality() - removed.cardinality();
        return isBelow(rest * voxelMl, rule.dropBelowMl()) ? mask : removed;
    }

    /** The numbers of the components that a rule removes. */
    private static BitSet dropped(RegionRule rule, ConnectedComponents components, double voxelMl) {
        int largest = 1;
        for (int component = 2; component <= components.count(); component++) {
            largest = components.voxels(component) > components.voxels(largest) ? component : largest;
        }
        BitSet dropped = new BitSet();
        for (int component = 1; component <= components.count(); component++) {
            boolean isSmall = isBelow(components.voxels(component) * voxelMl, rule.minimumMl());
            if (isSmall || (rule.keepLargest() && component != largest)) {
                dropped.set(component);
            }
        }
        return dropped;
    }

    private static boolean isBelow(double ml, double limit) {
        return ml < limit * (1 - ROUNDING);
    }

    private static int within(Box box, int voxel, Size size) {
        int line = voxel / size.x();
        return box.size()
                .index(voxel - line * size.x() - box.x0(), line % size.y() - box.y0(), line / size.y() - box.z0());
    }
}
