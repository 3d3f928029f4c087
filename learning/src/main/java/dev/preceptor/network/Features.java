package dev.preceptor.network;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network makes of an input [B, C, X, Y, Z]; the tensors belong to the scope in which the forward ran.
 *
 * @param logits [B, K, X, Y, Z], before any sigmoid or softmax
 * @param decoder the output of each decoder stage, index 0 at full resolution, index i at 1/2^i of it
 * @param bottleneck the deepest features
 * @param deep logits made of decoder stages 1, 2, ... for deep supervision, index i at 1/2^(i+1) of the full resolution;
 *     as many as the network has {@code heads}
 */
public record Features(Tensor logits, List<Tensor> decoder, Tensor bottleneck, List<Tensor> deep) {
    public Features {
        decoder = List.copyOf(decoder);
        deep = List.copyOf(deep);
    }
}
