package dev.preceptor.loss;

import dev.preceptor.network.Features;
import org.bytedeco.pytorch.Tensor;

/** A loss between the outputs of a network and the labels. */
@FunctionalInterface
public interface SegmentationLoss {
    /**
     * The loss of logits.
     *
     * @param logits [B, K, X, Y, Z]
     * @param classes [B, X, Y, Z], int64: 0 background, 1 NCR, 2 ED, 3 ET
     */
    LossTerms of(Tensor logits, Tensor classes);

    /** The loss of all outputs of a network: of its logits, and with {@link DeepSupervision} of its deeper heads. */
    default LossTerms of(Features features, Tensor classes) {
        return of(features.logits(), classes);
    }
}
