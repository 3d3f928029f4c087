package dev.preceptor.infer;

import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * Sums up, over the members of an ensemble and over mirrorings, how well the masks of each agree with the joint masks: the Dice of each
 * region over all pairs of a mask and its joint mask. Mirrorings are compared tile by tile. Not thread-safe: one for each prediction.
 */
final class Agreement {
    private final Targets targets;
    private final long[] both;
    private final long[] sizes;
    private boolean isKnown;

    Agreement(Targets targets) {
        this.targets = targets;
        this.both = new long[targets.labels().regions().size()];
        this.sizes = new long[both.length];
    }

    /** The masks of some logits, [B, R, X, Y, Z] from [B, K, X, Y, Z], owned by the innermost scope. */
    Tensor masks(Tensor logits) {
        return Tensors.scoped(() -> targets.masks(logits));
    }

    /** Compares masks of {@link #masks} with those of the joint logits. */
    void compare(List<Tensor> masks, Tensor jointLogits) {
        Tensor joint = masks(jointLogits);
        for (Tensor mask : masks) {
            for (int r = 0; r < both.length; r++) {
                Tensor one = mask.select(1, r);
                Tensor other = joint.select(1, r);
                both[r] += one.logical_and(other).sum().item().toLong();
                sizes[r] += one.sum().item().toLong() + other.sum().item().toLong();
            }
        }
        isKnown = true;
    }

    /** Dice by region, 1 where all masks are empty; empty if nothing was compared. */
    Map<String, Double> dice(List<String> regions) {
        Map<String, Double> dice = new TreeMap<>();
        for (int r = 0; r < both.length && isKnown; r++) {
            dice.put(regions.get(r), sizes[r] == 0 ? 1 : 2.0 * both[r] / sizes[r]);
        }
        return dice;
    }
}
