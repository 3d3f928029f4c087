package dev.preceptor.loss;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Features;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A loss between the outputs of a network and the labels. */
@FunctionalInterface
public interface SegmentationLoss {
    /**
     * The loss of logits.
     *
     * @param logits [B, K, X, Y, Z]
     * @param classes [B, X, Y, Z], int64, see {@link Batch#classes}
     */
    LossTerms of(Tensor logits, Tensor classes);

    /**
     * The loss of all outputs of a network: of its logits, and with {@link DeepSupervision} of its deeper heads.
     *
     * @param outputs the logits from the full resolution down
     */
    default LossTerms of(List<Tensor> outputs, Tensor classes) {
        return of(outputs.get(0), classes);
    }

    /** The loss of all outputs of a network. */
    default LossTerms of(Features features, Tensor classes) {
        return of(outputs(features), classes);
    }

    /** The logits of a network from the full resolution down: its own, then those of its heads. */
    static List<Tensor> outputs(Features features) {
        List<Tensor> outputs = new ArrayList<>(List.of(features.logits()));
        outputs.addAll(features.deep());
        return outputs;
    }
}
