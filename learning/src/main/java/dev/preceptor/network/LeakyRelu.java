package dev.preceptor.network;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** LeakyReLU with the slope {@link Layers#SLOPE} of one input of any shape. */
record LeakyRelu() implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        return torch.leaky_relu(inputs.get(0), new Scalar(Layers.SLOPE));
    }
}
