package dev.preceptor.train;

import dev.preceptor.data.Batch;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.PatchKey;
import dev.preceptor.data.Sample;
import dev.preceptor.data.Samples;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.infer.SlidingWindow;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.RegionOverlap;
import dev.preceptor.loss.ValidVoxels;
import dev.preceptor.network.Targets;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Validates the leading network of a phase on whole subjects, tile by tile, on the grid of the model: mean losses over the
 * tiles, and volumetric Dice of the regions over the subjects. Dice of an absent region is 1 if nothing is predicted there, else
 * 0 (BRATS_LEGACY).
 *
 * @param number of the phase, from 0
 * @param subjects number of subjects; 0 for no validation
 * @param samples the subjects by number
 * @param tile extents of a tile in voxels
 * @param sequences the channels of a sample
 * @param device where the network computes
 * @param communicator the processes that share the subjects; means are taken in the order of the subjects, so that they do not
 *     depend on the number of processes
 */
record Validator(
        int number,
        int subjects,
        Samples samples,
        Size tile,
        List<Sequence> sequences,
        Device device,
        Communicator communicator) {
    /** Number of subjects that are reported as images. */
    private static final int REPORTED = 3;

    /** libtorch has fast convolutions for batches of more than one sample only. */
    private static final int BATCH = 4;

    private static final String TILES = "tiles";

    /**
     * The result of a validation.
     *
     * @param means mean losses over all tiles by name, and the mean Dice over the subjects as
     *     {@link TrainingEvent.EpochEnded#DICE} and the name of the region if the phase segments; empty without validation
     *     subjects
     * @param samples those of the first few subjects that this process validated
     */
    record ValidationResult(Map<String, Double> means, List<TrainingEvent.ValidationSample> samples) {
        static final ValidationResult NONE = new ValidationResult(Map.of(), List.of());
    }

    /**
     * Validates the leading network of a phase.
     *
     * @param stopRequested asked before each subject
     * @return empty if a stop was requested
     */
    Optional<ValidationResult> validate(Phase phase, BooleanSupplier stopRequested) {
        if (subjects == 0) {
            return Optional.of(ValidationResult.NONE);
        }
        Measured measured = new Measured(
                phase::validate,
                phase.segments() ? Optional.of(phase.leading().outputs()) : Optional.empty(),
                shownSequence(phase));
        List<TrainingEvent.ValidationSample> reported = new ArrayList<>();
        return communicator
                .mapSharded(subjects, stopRequested, i -> {
                    Sample sample = samples.sample(i);
                    Optional<TileStitcher> stitcher = measured.outputs()
                            .filter(outputs -> i < REPORTED)
                            .map(outputs -> new TileStitcher(sample.subject(), sample.size(), outputs.labels()));
                    Map<String, Double> sums = measure(measured, i, sample.size(), stitcher);
                    stitcher.ifPresent(whole -> reported.add(whole.sample()));
                    return sums;
                })
                .map(tables -> new ValidationResult(means(tables), reported));
    }

    /**
     * Scores the mean logits of networks on the tiles of {@link #validate}: a network has here the Dice that it has as the leading one
     * of a phase.
     *
     * @param networks with the same outputs, at least one
     * @param stopRequested asked before each subject
     * @return the mean Dice over the subjects by region, 0 to 1; empty if a stop was requested
     */
    Optional<Map<String, Double>> dice(List<Role> networks, BooleanSupplier stopRequested) {
        Role first = networks.get(0);
        Measured measured = new Measured(
                batch -> meanLogits(networks, batch),
                Optional.of(first.outputs()),
                first.bedside().get(0));
        return communicator
                .mapSharded(
                        subjects,
                        stopRequested,
                        i -> measure(measured, i, samples.sample(i).size(), Optional.empty()))
                .map(tables -> dice(means(tables)));
    }

    /** Without a loss. */
    private static Phase.Validated meanLogits(List<Role> networks, Batch batch) {
        Tensor sum = networks.stream()
                .map(network -> network.forwardAtBedside(batch).logits())
                .reduce(Tensor::add)
                .orElseThrow();
        return new Phase.Validated(
                new LossTerms(Tensors.zero(sum), Map.of()), sum.div(new Scalar((double) networks.size())));
    }

    /**
     * What is measured on the tiles.
     *
     * @param validate the losses and the logits of a batch
     * @param outputs what the channels of the logits mean; empty if they segment nothing
     * @param shown the sequence of the reported images
     */
    private record Measured(Function<Batch, Phase.Validated> validate, Optional<Targets> outputs, Sequence shown) {}

    private Map<String, Double> means(List<Map<String, Double>> measured) {
        Map<String, Double> sums = new LinkedHashMap<>();
        measured.forEach(subject -> subject.forEach((name, value) -> sums.merge(name, value, Double::sum)));
        double tiles = sums.remove(TILES);
        sums.replaceAll((name, sum) -> sum / (name.startsWith(TrainingEvent.EpochEnded.DICE) ? subjects : tiles));
        return sums;
    }

    /** Sums of the losses over the tiles of a subject, the number of tiles, and the Dice of the subject. */
    private Map<String, Double> measure(Measured measured, int subject, Size size, Optional<TileStitcher> stitcher) {
        Map<String, Double> sums = new LinkedHashMap<>();
        List<String> regions = measured.outputs().map(Targets::regionNames).orElse(List.of());
        RegionOverlap overlap = new RegionOverlap(regions.size());
        List<Tile> all = tiles(size);
        for (int from = 0; from < all.size(); from += BATCH) {
            List<Tile> batch = all.subList(from, Math.min(from + BATCH, all.size()));
            measure(measured, crops(subject, batch), batch, overlap, stitcher)
                    .forEach((name, value) -> sums.merge(name, value * batch.size(), Double::sum));
        }
        sums.put(TILES, (double) all.size());
        for (int r = 0; r < regions.size(); r++) {
            sums.put(TrainingEvent.EpochEnded.DICE + regions.get(r), overlap.dice(r));
        }
        return sums;
    }

    /** The mean Dice over the subjects by region, of the means of a {@link ValidationResult}; empty without such subjects. */
    static Map<String, Double> dice(Map<String, Double> means) {
        Map<String, Double> dice = new LinkedHashMap<>();
        means.forEach((name, value) -> {
            if (name.startsWith(TrainingEvent.EpochEnded.DICE)) {
                dice.put(name.substring(TrainingEvent.EpochEnded.DICE.length()), value);
            }
        });
        return dice;
    }

    private HostBatch crops(int subject, List<Tile> tiles) {
        return samples.reading(() -> {
            Sample sample = samples.sample(subject);
            return HostBatch.of(tiles.stream()
                    .map(tile -> new HostBatch.Crop(sample, PatchKey.plain(number, sample.subject(), tile.box(), true)))
                    .toList());
        });
    }

    private Map<String, Double> measure(
            Measured measured,
            HostBatch hostBatch,
            List<Tile> tiles,
            RegionOverlap overlap,
            Optional<TileStitcher> stitcher) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Batch batch = Batch.of(hostBatch, sequences, device);
            Phase.Validated validated = measured.validate().apply(batch);
            if (measured.outputs().isEmpty()) {
                return validated.losses().values();
            }
            ValidVoxels valid = ValidVoxels.in(batch.classes());
            Targets targets = measured.outputs().get();
            Tensor predicted = valid.within(targets.masks(validated.logits()));
            Tensor reference = targets.regions(valid.ignoredAsBackground(batch.classes()));
            Tensor image = batch.images(List.of(measured.shown()));
            for (int b = 0; b < tiles.size(); b++) {
                Tile tile = tiles.get(b);
                Tensor predictedMasks = tile.own(predicted.select(0, b));
                Tensor referenceMasks = tile.own(reference.select(0, b));
                overlap.add(RegionOverlap.of(predictedMasks.unsqueeze(0), referenceMasks.unsqueeze(0)));
                if (stitcher.isPresent()) {
                    Tensor own = tile.own(image.select(0, b)).select(0, 0);
                    stitcher.get().add(tile.corner(), tile.length(), own, referenceMasks, predictedMasks);
                }
            }
            return validated.losses().values();
        }
    }

    /** The sequence of the reported images: the first that the leading network sees at prediction. */
    static Sequence shownSequence(Phase phase) {
        return phase.leading().bedside().get(0);
    }

    /**
     * A box of the size of a patch, and the part of it that belongs to this tile alone.
     *
     * @param from lower corner of that part in voxels, relative to the box
     * @param length extents of that part in voxels
     */
    private record Tile(Box box, int[] from, int[] length) {
        /** The part of a tensor [C, X, Y, Z] over the box that belongs to this tile. */
        Tensor own(Tensor xyz) {
            return xyz.narrow(1, from[0], length[0])
                    .narrow(2, from[1], length[1])
                    .narrow(3, from[2], length[2]);
        }

        /** Lower corner of that part in the volume. */
        int[] corner() {
            return new int[] {box.x0() + from[0], box.y0() + from[1], box.z0() + from[2]};
        }
    }

    /** The tiles of a volume, placed as in a prediction: normalisation layers depend on what a tile contains. */
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

    /** Positions of the tiles along an axis; a volume smaller than a tile is centred in it, as in training. */
    private static int[] starts(int extent, int tile) {
        return extent < tile ? new int[] {-((tile - extent) / 2)} : SlidingWindow.positions(extent, tile, 0);
    }

    /** The first voxel of tile i's own part: the middle of the overlap with the tile before, and never in the padding. */
    private static int first(int[] starts, int i, int tile, int extent) {
        if (i == 0) {
            return 0;
        }
        return i == starts.length ? extent : (starts[i] + starts[i - 1] + tile) / 2;
    }
}
