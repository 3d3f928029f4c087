package dev.preceptor.infer;

import dev.preceptor.base.Deflated;
import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.network.Targets;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;

/**
 * The predicted regions of a subject before post-processing, in a byte and a few bits per voxel. Immutable; for any number of
 * threads.
 */
public final class PredictedRegions {
    private final LabelExport export;
    private final Grid grid;
    private final byte[] labels;
    private final List<BitSet> masks;

    private PredictedRegions(LabelExport export, Grid grid, byte[] labels, List<BitSet> masks) {
        this.export = export;
        this.grid = grid;
        this.labels = labels;
        this.masks = masks;
    }

    /**
     * The regions that probabilities predict: above 0.5 for a network with one sigmoid per region; where the most probable class
     * belongs to the region for one with a softmax over classes.
     *
     * @param targets what the network predicts; each region is written as a class that has a value in its label space
     * @param probabilities of the regions in the order of the label space, 0 to 1, x-fastest on the grid
     */
    public static PredictedRegions of(Targets targets, Grid grid, List<float[]> probabilities) {
        LabelExport export = new LabelExport(targets);
        byte[] labels = export.labels(probabilities);
        return new PredictedRegions(export, grid, labels, export.masks(labels, probabilities));
    }

    /**
     * The same on the grid of the volumes of a subject, in one pass over its voxels and without an array of probabilities for them.
     *
     * @param probabilities of the regions, x-fastest on the model grid of the subject
     */
    public static PredictedRegions of(Targets targets, PreprocessedSubject subject, List<float[]> probabilities) {
        LabelExport export = new LabelExport(targets);
        Grid grid = subject.originalGrid();
        List<BitSet> masks = probabilities.stream()
                .map(region -> new BitSet(grid.size().voxels()))
                .toList();
        byte[] labels = inverted(export, subject, probabilities, masks);
        return new PredictedRegions(export, grid, labels, masks);
    }

    /** The {@link #labels(PostProcessing) label map} of {@link #of(Targets, PreprocessedSubject, List)}; without rules no masks are made. */
    static LabelMap labels(
            Targets targets, PreprocessedSubject subject, List<float[]> probabilities, PostProcessing postProcessing) {
        if (!postProcessing.keepsAll()) {
            return of(targets, subject, probabilities).labels(postProcessing);
        }
        LabelExport export = new LabelExport(targets);
        return new LabelMap(
                subject.originalGrid(), inverted(export, subject, probabilities, List.of()), export.labelSpace());
    }

    /**
     * Labels on the grid of the volumes of a subject.
     *
     * @param masks receive the voxels of the regions; none if they do not matter
     */
    private static byte[] inverted(
            LabelExport export, PreprocessedSubject subject, List<float[]> probabilities, List<BitSet> masks) {
        byte[] labels = new byte[subject.originalGrid().size().voxels()];
        subject.invert(probabilities, (voxels, values) -> {
            byte[] slice = export.labels(values);
            for (int i = 0; i < voxels.length; i++) {
                labels[voxels[i]] = slice[i];
            }
            List<BitSet> inSlice = masks.isEmpty() ? List.of() : export.masks(slice, values);
            for (int r = 0; r < masks.size(); r++) {
                BitSet mask = masks.get(r);
                inSlice.get(r).stream().forEach(i -> mask.set(voxels[i]));
            }
        });
        return labels;
    }

    /** The same, kept compressed and made anew at each call. */
    public Supplier<PredictedRegions> deflated() {
        Deflated keptLabels = Deflated.of(labels);
        List<Deflated> keptMasks =
                masks.stream().map(mask -> Deflated.of(mask.toByteArray())).toList();
        return () -> new PredictedRegions(
                export,
                grid,
                keptLabels.inflate(),
                keptMasks.stream().map(mask -> BitSet.valueOf(mask.inflate())).toList());
    }

    /**
     * The label map after post-processing. Voxels that lose a region get the label of those that remain, others keep theirs.
     *
     * @param postProcessing of regions of the label space
     */
    public LabelMap labels(PostProcessing postProcessing) {
        byte[] written = labels.clone();
        if (!postProcessing.keepsAll()) {
            List<BitSet> kept = export.filter().apply(postProcessing, masks, grid);
            BitSet changed = new BitSet();
            for (int r = 0; r < masks.size(); r++) {
                BitSet difference = (BitSet) masks.get(r).clone();
                difference.xor(kept.get(r));
                changed.or(difference);
            }
            export.relabel(written, changed, kept);
        }
        return new LabelMap(grid, written, export.labelSpace());
    }
}
