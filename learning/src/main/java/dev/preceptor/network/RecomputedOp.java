package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/** A function of tensors that is cheap enough to be computed a second time on the way back. It changes no input in place. */
@FunctionalInterface
interface RecomputedOp {
    Tensor apply(List<Tensor> inputs);

    /** A function of one tensor. */
    static RecomputedOp of(Layer layer) {
        return inputs -> layer.apply(inputs.get(0));
    }

    /**
     * The result, and what is noted for the second time.
     *
     * @param savedTensors small tensors
     */
    record ForwardResult(Tensor output, List<Tensor> savedTensors) {}

    /** Computes for the first time. */
    default ForwardResult forward(List<Tensor> inputs) {
        return new ForwardResult(apply(inputs), List.of());
    }

    /**
     * The second time, and the way back from it.
     *
     * @param output the result, for whoever needs it; asked for before the way back, which may overwrite it
     * @param backward from the gradient of the output to those of the inputs; it adds to those of the function's weights
     * @param overwrites whether it overwrites the gradient of the output
     */
    record Recomputation(Supplier<Tensor> output, Function<Tensor, List<Tensor>> backward, boolean overwrites) {}

    /**
     * Computes once more, by autograd unless the function knows better.
     *
     * @param inputs float32, outside every graph
     * @param notes of the first time
     * @param wanted whether the gradient of an input is asked for; at least one is
     */
    default Recomputation recompute(List<Tensor> inputs, List<Tensor> notes, List<Boolean> wanted) {
        List<Tensor> leaves = inputs.stream().map(Tensor::detach).toList();
        for (int i = 0; i < leaves.size(); i++) {
            leaves.get(i).set_requires_grad(wanted.get(i));
        }
        try (AutoGradMode on = new AutoGradMode(true)) {
            Tensor output = apply(leaves);
            return new Recomputation(
                    output::detach,
                    gradient -> {
                        Tensors.backward(output, gradient);
                        return leaves.stream().map(Tensor::grad).toList();
                    },
                    false);
        }
    }
}
