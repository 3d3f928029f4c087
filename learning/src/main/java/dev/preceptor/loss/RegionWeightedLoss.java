package dev.preceptor.loss;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss against labels whose regions have weights of their own: the sum of weight times loss of a region, divided by the number of
 * regions. With weights of 1 it is {@link LabelSupervision} for outputs of {@link TargetEncoding#REGIONS}.
 *
 * @param outputs what the channels of the logits mean; of classes the log odds of each region are compared
 * @param losses the summands
 * @param weights in the order of the regions, 0 or more, asked at each loss
 */
public record RegionWeightedLoss(Targets outputs, List<SupervisedLoss> losses, Supplier<List<Double>> weights)
        implements SegmentationLoss {
    /** The name of the loss among its terms. */
    public static final String NAME = "regions";

    public RegionWeightedLoss {
        losses = List.copyOf(losses);
    }

    @Override
    public LossTerms of(Tensor logits, Tensor classes) {
        ValidVoxels valid = ValidVoxels.in(classes);
        Targets regions = new Targets(TargetEncoding.REGIONS, outputs.labels());
        LabelSupervision each = new LabelSupervision(regions, losses, false);
        Tensor regionLogits = outputs.regionLogits(logits);
        Tensor target = valid.of(regions.target(valid.ignoredAsBackground(classes)));
        Tensor sum = WeightedRegions.mean(
                weights.get(), logits, r -> each.against(target.narrow(1, r, 1), regionLogits.narrow(1, r, 1), valid));
        return new LossTerms(sum, Map.of(NAME, sum));
    }
}
