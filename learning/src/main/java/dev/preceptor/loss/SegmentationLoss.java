package dev.preceptor.loss;

import dev.preceptor.network.Features;
import org.bytedeco.pytorch.Tensor;

/** What a network's outputs cost against the labels. */
@FunctionalInterface
public interface SegmentationLoss {
    /**
     * @param logits [B, K, X, Y, Z]
     * @param classes [B, X, Y, Z], int64
     */
    LossTerms of(Tensor logits, Tensor classes);

    /** Of all that a network says; its logits alone unless deeper heads are supervised too. */
    default LossTerms of(Features features, Tensor classes) {
        return of(features.logits(), classes);
    }
}
