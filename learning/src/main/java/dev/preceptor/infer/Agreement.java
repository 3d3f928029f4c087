package dev.preceptor.infer;

import dev.preceptor.loss.RegionOverlap;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Sums up, over the members of an ensemble and over mirrorings, how well the masks of each agree with the joint masks: the Dice of each
 * region over all pairs of a mask and its joint mask. Mirrorings are compared tile by tile. Not thread-safe: one for each prediction.
 */
public final class Agreement {
    private static final int MIRRORINGS = 8;

    private final Targets targets;
    private final RegionOverlap overlap;
    private boolean isKnown;

    /** @param targets what the networks predict */
    public Agreement(Targets targets) {
        this.targets = targets;
        this.overlap = new RegionOverlap(targets.labels().regions().size());
    }

    /**
     * The mean logits of tiles over the 8 mirrorings, each moved back, after comparing their masks.
     *
     * @param tiles [B, C, X, Y, Z]
     * @param network maps tiles to logits [B, K, X, Y, Z]
     * @return [B, K, X, Y, Z], owned by the innermost scope
     */
    public Tensor meanOfMirrorings(Tensor tiles, UnaryOperator<Tensor> network) {
        List<Tensor> masks = new ArrayList<>();
        Tensor sum = null;
        for (int mirroring = 0; mirroring < MIRRORINGS; mirroring++) {
            long[] axes = axes(mirroring);
            Tensor logits = Tensors.scoped(() -> network.apply(tiles.flip(axes)).flip(axes));
            masks.add(masks(logits));
            sum = sum == null ? logits : sum.add_(logits);
        }
        Tensor mean = sum.div_(new Scalar((double) MIRRORINGS));
        compare(masks, mean);
        return mean;
    }

    /** The spatial axes of [B, C, X, Y, Z] that the bits of a number select. */
    private static long[] axes(int bits) {
        return LongStream.range(0, 3)
                .filter(axis -> (bits >> axis & 1) == 1)
                .map(axis -> axis + 2)
                .toArray();
    }

    /** The masks of some logits, [B, R, X, Y, Z] from [B, K, X, Y, Z], owned by the innermost scope. */
    Tensor masks(Tensor logits) {
        return Tensors.scoped(() -> targets.masks(logits));
    }

    /** Compares masks of {@link #masks} with those of the joint logits. */
    void compare(List<Tensor> masks, Tensor jointLogits) {
        Tensor joint = masks(jointLogits);
        for (Tensor mask : masks) {
            overlap.add(RegionOverlap.of(mask, joint));
        }
        isKnown = true;
    }

    /** Dice by region, 1 where all masks are empty; empty if nothing was compared. */
    public Map<String, Double> dice(List<String> regions) {
        Map<String, Double> dice = new TreeMap<>();
        for (int r = 0; r < regions.size() && isKnown; r++) {
            dice.put(regions.get(r), overlap.dice(r));
        }
        return dice;
    }
}
