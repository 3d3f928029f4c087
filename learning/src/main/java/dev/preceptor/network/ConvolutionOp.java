package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution with its weights. A {@link Tape} runs its backward pass by {@link #backward} from the input alone; called as
 * a {@link Layer} where gradients are on, it is part of autograd's graph.
 */
public interface ConvolutionOp extends Layer {
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
