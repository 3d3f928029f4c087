package dev.preceptor.network;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network makes of an input [B, C, X, Y, Z]; the tensors belong to the scope in which the forward ran.
 *
 * @param logits [B, K, X, Y, Z], before any sigmoid or softmax
 * @param decoder the output of each decoder stage, index 0 at full resolution, index i at 1/2^i of it
 * @param bottleneck the deepest features
 */
public record Features(Tensor logits, List<Tensor> decoder, Tensor bottleneck) {
    public Features {
        decoder = List.copyOf(decoder);
    }
}
