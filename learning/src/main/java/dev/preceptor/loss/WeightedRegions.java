package dev.preceptor.loss;

import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Losses of regions with weights of their own. Stateless. */
final class WeightedRegions {
    private WeightedRegions() {}

    /**
     * The sum of weight times loss of a region, divided by the number of regions. A region of weight 0 is not computed.
     *
     * @param weights in the order of the regions, 0 or more
     * @param like gives type and device of the sum
     * @param loss of the region with an index, a scalar
     */
    static Tensor mean(List<Double> weights, Tensor like, IntFunction<Tensor> loss) {
        Tensor sum = Tensors.zero(like);
        for (int r = 0; r < weights.size(); r++) {
            if (weights.get(r) > 0) {
                sum = sum.add(loss.apply(r).mul(new Scalar(weights.get(r) / weights.size())));
            }
        }
        return sum;
    }
}
