package dev.preceptor.loss;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss against the probabilities of another network. In each region, p the probability of the one and q that of the other: the Dice as a
 * semimetric ({@link SegmentationLosses#diceSemimetric}) plus the cross-entropy, both of which are lowest at {@code p = q}.
 *
 * @param outputs what the channels of both networks mean; of classes the log odds of each region are compared
 */
public record SoftRegionLoss(Targets outputs) {
    /**
     * The sum of weight times loss of a region, divided by the number of regions.
     *
     * @param logits [B, K, X, Y, Z]
     * @param others the logits of the other network, without a gradient, [B, K, X, Y, Z]
     * @param weights in the order of the regions, 0 or more
     * @return a scalar
     */
    public Tensor of(Tensor logits, Tensor others, List<Double> weights) {
        Tensor own = outputs.regionLogits(logits);
        Tensor targets = outputs.regionLogits(others).sigmoid();
        return WeightedRegions.mean(weights, logits, r -> {
            Tensor region = own.narrow(1, r, 1);
            Tensor target = targets.narrow(1, r, 1);
            return SegmentationLosses.diceSemimetric(region.sigmoid(), target, false)
                    .add(SegmentationLosses.crossEntropy(TargetEncoding.REGIONS, region, target));
        });
    }
}
