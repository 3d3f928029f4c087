package dev.preceptor.network;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * LeakyReLU of one input of any shape.
 *
 * @param slope negative slope; 0 for ReLU
 */
record LeakyRelu(double slope) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        return torch.leaky_relu(inputs.get(0), new Scalar(slope));
    }
}
