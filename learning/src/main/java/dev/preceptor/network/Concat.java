package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Concatenates inputs [B, C_i, X, Y, Z] along the channels. */
record Concat() implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        return Tensors.cat(inputs, 1);
    }
}
