package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution with its weights. A {@link Tape} runs its backward pass by {@link #backward} from the input alone; called as
 * a {@link Layer} where gradients are on, it is part of autograd's graph.
 */
public interface ConvolutionOp extends Layer {
    /**
     * The convolution of the output of an operation, outside autograd's graph. A convolution that needs its input only part by part
     * saves the memory of the rest.
     *
     * @param inputs of the operation, float32
     */
    default Tensor apply(RecomputedOp op, List<Tensor> inputs) {
        return apply(op.apply(inputs));
    }

    /**
     * Adds the gradients of the weights to them.
     *
     * @param gradient of the output
     * @param x the input
     * @param inputRequiresGrad whether to compute the gradient of the input
     * @return the gradient of the input; undefined unless {@code inputRequiresGrad}
     */
    Tensor backward(Tensor gradient, Tensor x, boolean inputRequiresGrad);
}
