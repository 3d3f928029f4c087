package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The fusion of cooperative deep-supervision feature learning (CDSFL) of MTCM-KD at one decoder level of several teachers
 * (docs/methods/mtcm-kd.md): the features of each teacher pass an attention gate and a 1x1x1 convolution of their own; their
 * sum passes one more 1x1x1 convolution. With C = 64 channels, four outputs and three teachers it has 2540 weights.
 */
public final class CooperativeFusion {
    private final Parameters parameters = new Parameters();
    private final List<Layer> evidence = new ArrayList<>();
    private final Layer output;

    /**
     * Builds the fusion with fresh weights.
     *
     * @param channels of the feature map of each teacher
     * @param outputs K of the logits
     * @param initialisation distribution of the fresh weights
     * @param seed of the fresh weights; the same seed gives the same weights
     */
    public CooperativeFusion(
            List<Integer> channels, int outputs, Attention attention, Initialisation initialisation, long seed) {
        Torch.open();
        torch.manual_seed(seed);
        for (int k = 0; k < channels.size(); k++) {
            evidence.add(attention
                    .gate(parameters, "gate." + k, channels.get(k))
                    .then(Layers.conv(parameters, "evidence." + k, channels.get(k), outputs, 1))
                    .scoped());
        }
        output = Layers.conv(parameters, "output", outputs, outputs, 1);
        initialisation.apply(parameters, seed);
    }

    /** The weights. */
    public Parameters parameters() {
        return parameters;
    }

    /**
     * Fused logits [B, K, X, Y, Z].
     *
     * @param features [B, C_k, X, Y, Z] of each teacher, in the order of the teachers
     */
    public Tensor fuse(List<Tensor> features) {
        if (features.size() != evidence.size()) {
            throw new IllegalArgumentException(features.size() + " feature maps for " + evidence.size() + " teachers");
        }
        return Tensors.scoped(() -> {
            Tensor sum = evidence.get(0).apply(features.get(0));
            for (int k = 1; k < features.size(); k++) {
                sum = sum.add(evidence.get(k).apply(features.get(k)));
            }
            return output.apply(sum);
        });
    }
}
