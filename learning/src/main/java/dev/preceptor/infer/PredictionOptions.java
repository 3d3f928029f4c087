package dev.preceptor.infer;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.quality.Guard;
import dev.preceptor.tensor.Torch;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The settings of a prediction.
 *
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param preset how images are cut into tiles
 * @param overlap share of a tile that its neighbour covers too, 0 to 0.9; empty for that of the preset
 * @param mirror whether logits are averaged over the 8 mirrorings of each tile (test-time augmentation)
 * @param batch largest number of tiles in one forward pass, at least 1; large tiles make smaller batches
 * @param passes number of threads that run networks at a time, each with the native memory of one subject; 0 for one on a
 *     GPU, and on the CPU for as many as there are cores for {@link Torch#threads() the threads of an operation}
 * @param postProcess whether the post-processing of the models is applied to the labels
 * @param accepted guards that refuse no subject; they are checked and reported all the same
 */
public record PredictionOptions(
        String device,
        Preset preset,
        OptionalDouble overlap,
        boolean mirror,
        int batch,
        int passes,
        boolean postProcess,
        Set<Guard> accepted) {
    /** On the CPU with the tiles and the post-processing of the models, without mirroring, at most four tiles at once. */
    public static final PredictionOptions DEFAULTS =
            new PredictionOptions("cpu", Preset.EXACT, OptionalDouble.empty(), false, 4, 0, true, Set.of());

    public PredictionOptions {
        accepted = Set.copyOf(accepted);
        if (overlap.isPresent() && !(overlap.getAsDouble() >= 0 && overlap.getAsDouble() <= 0.9)) {
            throw new PreceptorException("the overlap must be 0 to 0.9, not " + overlap.getAsDouble());
        }
        if (overlap.isPresent() && preset != Preset.EXACT) {
            throw new PreceptorException("both the preset " + preset + " and the overlap " + overlap.getAsDouble()
                    + " say how tiles overlap; leave one of them out");
        }
        if (batch < 1) {
            throw new PreceptorException("a batch must have at least one tile, not " + batch);
        }
        if (passes < 0) {
            throw new PreceptorException("the number of passes at a time must be 0 or more, not " + passes);
        }
    }

    /** A copy with another device. */
    public PredictionOptions withDevice(String other) {
        return new PredictionOptions(other, preset, overlap, mirror, batch, passes, postProcess, accepted);
    }

    /** A copy with another preset. */
    public PredictionOptions withPreset(Preset other) {
        return new PredictionOptions(device, other, overlap, mirror, batch, passes, postProcess, accepted);
    }

    /** A copy with an overlap. */
    public PredictionOptions withOverlap(double other) {
        return new PredictionOptions(
                device, preset, OptionalDouble.of(other), mirror, batch, passes, postProcess, accepted);
    }

    /** A copy with or without mirroring. */
    public PredictionOptions withMirror(boolean other) {
        return new PredictionOptions(device, preset, overlap, other, batch, passes, postProcess, accepted);
    }

    /** A copy with another largest number of tiles in a forward pass. */
    public PredictionOptions withBatch(int other) {
        return new PredictionOptions(device, preset, overlap, mirror, other, passes, postProcess, accepted);
    }

    /** A copy with another number of threads that run networks at a time. */
    public PredictionOptions withPasses(int other) {
        return new PredictionOptions(device, preset, overlap, mirror, batch, other, postProcess, accepted);
    }

    /** A copy with or without the post-processing of the models. */
    public PredictionOptions withPostProcessing(boolean other) {
        return new PredictionOptions(device, preset, overlap, mirror, batch, passes, other, accepted);
    }

    /** A copy that accepts what some guards would refuse. */
    public PredictionOptions withAccepted(Set<Guard> guards) {
        return new PredictionOptions(device, preset, overlap, mirror, batch, passes, postProcess, guards);
    }

    int passesAtOnce() {
        if (passes > 0) {
            return passes;
        }
        return device.equals("cpu") ? Math.max(1, Runtime.getRuntime().availableProcessors() / Torch.threads()) : 1;
    }
}
