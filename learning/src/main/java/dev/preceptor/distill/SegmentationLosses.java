package dev.preceptor.distill;

import dev.preceptor.network.Outputs;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Losses between the output channels of a network and a target, both [B, K, X, Y, Z]; each gives one number. */
final class SegmentationLosses {
    private static final double SMOOTH = 1e-5;
    private static final long[] SPACE = {2, 3, 4};
    private static final long[] BATCH_AND_SPACE = {0, 2, 3, 4};

    private SegmentationLosses() {}

    /**
     * One minus the soft Dice, averaged over channels (and samples): {@code (2 sum(p y) + s) / (sum p + sum y + s)} with
     * s = 1e-5 (methods.md 1.4, A6).
     *
     * @param pooled whether the sums run over the batch too
     */
    static Tensor dice(Tensor probabilities, Tensor target, boolean pooled) {
        long[] axes = pooled ? BATCH_AND_SPACE : SPACE;
        Scalar smooth = new Scalar(SMOOTH);
        Tensor overlap =
                probabilities.mul(target).sum(axes).mul(new Scalar(2.0)).add(smooth);
        Tensor sizes = probabilities.sum(axes).add(target.sum(axes)).add(smooth);
        return torch.ones_like(overlap).sub(overlap.div(sizes)).mean();
    }

    /** Cross-entropy of hard targets: binary per region channel, or over the class channels; the mean over voxels. */
    static Tensor crossEntropy(Outputs outputs, Tensor logits, Tensor target) {
        return switch (outputs) {
            case REGIONS -> torch.binary_cross_entropy_with_logits(logits, target);
            case CLASSES ->
                torch.log_softmax(logits, 1)
                        .mul(target)
                        .sum(new long[] {1})
                        .mean()
                        .neg();
        };
    }

    /** The activation of the channels: sigmoid of regions, softmax of classes. */
    static Tensor activation(Outputs outputs, Tensor logits) {
        return switch (outputs) {
            case REGIONS -> logits.sigmoid();
            case CLASSES -> torch.softmax(logits, 1);
        };
    }

    /** Supervision by the labels: Dice plus cross-entropy (KD-Net, L_GT). */
    static Tensor supervised(Outputs outputs, Tensor logits, Tensor target, boolean pooledDice) {
        return dice(activation(outputs, logits), target, pooledDice).add(crossEntropy(outputs, logits, target));
    }

    /** {@link #supervised} as the loss of a phase. */
    static Supervision diceAndCrossEntropy(Outputs outputs, boolean pooledDice) {
        return (logits, classes) -> {
            Tensor loss = supervised(outputs, logits, outputs.target(classes), pooledDice);
            return new LossTerms(loss, Map.of("gt", loss));
        };
    }
}
