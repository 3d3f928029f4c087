package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution with weights of its own. As a {@link Layer} it takes part in a graph of autograd; on a {@link Tape} it needs
 * none, for its gradients follow from its input alone.
 */
interface ConvolutionOp extends Layer {
    /**
     * Adds what follows from the gradient of the output to the gradients of the weights.
     *
     * @param gradient of the output
     * @param x the input
     * @param wanted whether the gradient of the input is asked for
     * @return the gradient of the input, undefined if it was not asked for
     */
    Tensor backward(Tensor gradient, Tensor x, boolean wanted);
}
