package dev.preceptor.train;

import dev.preceptor.data.Batch;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.Sample;
import dev.preceptor.data.Samples;
import dev.preceptor.distill.Phase;
import dev.preceptor.infer.SlidingWindow;
import dev.preceptor.loss.CountedVoxels;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Losses and volumetric Dice of a phase's leading network over whole subjects, tile by tile, on the grid of the model. Dice of an absent region: 1 if nothing is predicted there, else 0 (BRATS_LEGACY).
 *
 * @param subjects how many there are
 * @param samples the subjects by number
 * @param tile extents of a tile
 * @param sequences the channels of a sample
 * @param ranks share the subjects; the means are taken in the order of the subjects, whoever measured them
 */
record Validator(
        int subjects, Samples samples, Size tile, List<Sequence> sequences, Device device, Communicator ranks) {
    /** How many subjects are shown to whoever watches. */
    private static final int SHOWN = 3;

    /** libtorch takes its fast convolutions for more than one sample at a time. */
    private static final int BATCH = 4;

    private static final String DICE = "dice_";
    private static final String TILES = "tiles";

    /**
     * What a validation found.
     *
     * @param means of the losses by name over all tiles, and {@code dice_WT} and so on, means over the subjects
     * @param seen of the first few subjects those that this process saw
     */
    record ValidationResult(Map<String, Double> means, List<TrainingEvent.ValidationSample> seen) {
        static final ValidationResult NONE = new ValidationResult(Map.of(), List.of());
    }

    /**
     * Validates the leading network of a phase.
     *
     * @param stopRequested asked before each subject
     * @return nothing if it was stopped
     */
    Optional<ValidationResult> validate(Phase phase, BooleanSupplier stopRequested) {
        List<TrainingEvent.ValidationSample> seen = new ArrayList<>();
        return ranks.mapSharded(subjects, stopRequested, i -> {
                    Sample sample = samples.sample(i);
                    Optional<TileStitcher> mosaic = i < SHOWN
                            ? Optional.of(new TileStitcher(sample.subject(), sample.size()))
                            : Optional.empty();
                    Map<String, Double> sums = measure(phase, i, sample.size(), mosaic);
                    mosaic.ifPresent(whole -> seen.add(whole.seen()));
                    return sums;
                })
                .map(measured -> new ValidationResult(means(measured), seen));
    }

    private Map<String, Double> means(List<Map<String, Double>> measured) {
        Map<String, Double> sums = new LinkedHashMap<>();
        measured.forEach(subject -> subject.forEach((name, value) -> sums.merge(name, value, Double::sum)));
        double tiles = sums.remove(TILES);
        sums.replaceAll((name, sum) -> sum / (name.startsWith(DICE) ? subjects : tiles));
        return sums;
    }

    /** Sums of the losses over the tiles of a subject and their number, and its Dice. */
    private Map<String, Double> measure(Phase phase, int subject, Size size, Optional<TileStitcher> mosaic) {
        Map<String, Double> sums = new LinkedHashMap<>();
        double[][] counts = new double[Region.BRATS.size()][3];
        List<Tile> all = tiles(size);
        for (int from = 0; from < all.size(); from += BATCH) {
            List<Tile> some = all.subList(from, Math.min(from + BATCH, all.size()));
            measure(phase, patch(subject, some), some, counts, mosaic)
                    .forEach((name, value) -> sums.merge(name, value * some.size(), Double::sum));
        }
        sums.put(TILES, (double) all.size());
        for (int r = 0; r < counts.length; r++) {
            double sizes = counts[r][1] + counts[r][2];
            sums.put(DICE + Region.BRATS.get(r).name(), sizes == 0 ? 1 : 2 * counts[r][0] / sizes);
        }
        return sums;
    }

    private HostBatch patch(int subject, List<Tile> tiles) {
        return samples.reading(() -> {
            Sample sample = samples.sample(subject);
            return HostBatch.of(tiles.stream()
                    .map(tile -> new HostBatch.Crop(sample, tile.box(), false, false, false))
                    .toList());
        });
    }

    private Map<String, Double> measure(
            Phase phase, HostBatch hostBatch, List<Tile> tiles, double[][] counts, Optional<TileStitcher> mosaic) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Batch batch = Batch.of(hostBatch, sequences, device);
            Phase.Validated validated = phase.validate(batch);
            CountedVoxels counted = CountedVoxels.in(batch.classes());
            Tensor predicted = counted.within(phase.leading().outputs().masks(validated.logits()));
            Tensor truth = TargetEncoding.regions(counted.known(batch.classes()));
            Tensor shown = batch.input(List.of(shown(phase)));
            for (int b = 0; b < tiles.size(); b++) {
                Tile tile = tiles.get(b);
                Tensor claimed = tile.own(predicted.select(0, b));
                Tensor real = tile.own(truth.select(0, b));
                count(claimed, real, counts);
                if (mosaic.isPresent()) {
                    Tensor image = tile.own(shown.select(0, b)).select(0, 0);
                    mosaic.get().add(tile.corner(), tile.length(), image, real, claimed);
                }
            }
            return validated.losses().values();
        }
    }

    /** What a phase's subjects are shown in: the first sequence that its leading network sees. */
    static Sequence shown(Phase phase) {
        return phase.leading().inputs().get(0);
    }

    private static void count(Tensor predicted, Tensor truth, double[][] counts) {
        float[] overlap = perRegion(predicted.logical_and(truth));
        float[] claimed = perRegion(predicted);
        float[] present = perRegion(truth);
        for (int r = 0; r < counts.length; r++) {
            counts[r][0] += overlap[r];
            counts[r][1] += claimed[r];
            counts[r][2] += present[r];
        }
    }

    /** Voxels of each region of masks [3, X, Y, Z]; below 2^24 a float counts exactly, and a tile has fewer. */
    private static float[] perRegion(Tensor masks) {
        return Tensors.toFloats(masks.to(torch.ScalarType.Float).sum(new long[] {1, 2, 3}));
    }

    /**
     * A box of the size of a patch, and the part of it that no other tile counts.
     *
     * @param from lower corner of that part, relative to the box
     * @param length its extents
     */
    private record Tile(Box box, int[] from, int[] length) {
        Tensor own(Tensor xyz) {
            return xyz.narrow(1, from[0], length[0])
                    .narrow(2, from[1], length[1])
                    .narrow(3, from[2], length[2]);
        }

        /** Where that part begins in the volume. */
        int[] corner() {
            return new int[] {box.x0() + from[0], box.y0() + from[1], box.z0() + from[2]};
        }
    }

    /** Tiles lie within the volume as those of a prediction do: what a network sees at its border decides its norms. */
    private List<Tile> tiles(Size size) {
        List<Tile> tiles = new ArrayList<>();
        int[] xs = starts(size.x(), tile.x());
        int[] ys = starts(size.y(), tile.y());
        int[] zs = starts(size.z(), tile.z());
        for (int i = 0; i < xs.length; i++) {
            for (int j = 0; j < ys.length; j++) {
                for (int k = 0; k < zs.length; k++) {
                    int[] from = {
                        first(xs, i, tile.x(), size.x()),
                        first(ys, j, tile.y(), size.y()),
                        first(zs, k, tile.z(), size.z())
                    };
                    int[] to = {
                        first(xs, i + 1, tile.x(), size.x()),
                        first(ys, j + 1, tile.y(), size.y()),
                        first(zs, k + 1, tile.z(), size.z())
                    };
                    int[] start = {xs[i], ys[j], zs[k]};
                    int[] own = new int[3];
                    int[] length = new int[3];
                    for (int axis = 0; axis < 3; axis++) {
                        own[axis] = from[axis] - start[axis];
                        length[axis] = to[axis] - from[axis];
                    }
                    tiles.add(new Tile(Box.at(xs[i], ys[j], zs[k], tile), own, length));
                }
            }
        }
        return tiles;
    }

    /** Where the tiles begin along an axis; a volume smaller than a tile stands in its middle, as in training. */
    private static int[] starts(int extent, int tile) {
        return extent < tile ? new int[] {-((tile - extent) / 2)} : SlidingWindow.positions(extent, tile, 0);
    }

    /** The first voxel that tile i counts: in the middle of its overlap with the one before, and never in the padding. */
    private static int first(int[] starts, int i, int tile, int extent) {
        if (i == 0) {
            return 0;
        }
        return i == starts.length ? extent : (starts[i] + starts[i - 1] + tile) / 2;
    }
}
