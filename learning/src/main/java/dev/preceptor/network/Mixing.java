package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/** A function of tensors that is cheap enough to be computed a second time on the way back. It changes no input in place. */
@FunctionalInterface
interface Mixing {
    Tensor apply(List<Tensor> inputs);

    /** A function of one tensor. */
    static Mixing of(Layer layer) {
        return inputs -> layer.apply(inputs.get(0));
    }

    /**
     * The result once more, and the way back from it.
     *
     * @param output the result, outside every graph
     * @param back from the gradient of the output to those of the inputs, undefined where none was asked for; adds to those of
     *     the function's weights
     */
    record Again(Tensor output, Function<Tensor, List<Tensor>> back) {}

    /**
     * Computes once more, by autograd unless the function knows better.
     *
     * @param inputs float32, outside every graph
     * @param wanted whether the gradient of an input is asked for
     */
    default Again again(List<Tensor> inputs, List<Boolean> wanted) {
        List<Tensor> leaves = inputs.stream().map(Tensor::detach).toList();
        for (int i = 0; i < leaves.size(); i++) {
            leaves.get(i).set_requires_grad(wanted.get(i));
        }
        try (AutoGradMode on = new AutoGradMode(true)) {
            Tensor output = apply(leaves);
            return new Again(output.detach(), gradient -> {
                Tensors.backward(output, gradient);
                return leaves.stream().map(Tensor::grad).toList();
            });
        }
    }
}
