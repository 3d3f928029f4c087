package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * An operation on tensors that is cheap enough for the backward pass to compute it a second time, so that a {@link Tape} need
 * not store its output: {@link MaxPool}, {@link UpsampleConcat}, {@link NormActivation}, {@link ChannelGate}. It changes no
 * input in place but in {@link #applyLast}. {@link #then} and {@link ResidualSum} combine operations. An operation that implements {@link #apply} alone is differentiated by autograd.
 */
@FunctionalInterface
public interface RecomputedOp {
    /**
     * The output.
     *
     * @param inputs float32
     */
    Tensor apply(List<Tensor> inputs);

    /**
     * The output, where the inputs are needed no more.
     *
     * @param inputs float32, outside autograd's graph; may be overwritten
     */
    default Tensor applyLast(List<Tensor> inputs) {
        return apply(inputs);
    }

    /** The output, and small tensors that make the second computation cheaper. */
    record ForwardResult(Tensor output, List<Tensor> savedTensors) {
        public ForwardResult {
            savedTensors = List.copyOf(savedTensors);
        }
    }

    /** The first computation, in a forward pass with gradients. */
    default ForwardResult forward(List<Tensor> inputs) {
        return new ForwardResult(apply(inputs), List.of());
    }

    /** The number of tensors that {@link #forward} saves. */
    default int savedTensors() {
        return 0;
    }

    /** This operation, then another one of its output; the output between them is not stored. */
    default RecomputedOp then(RecomputedOp next) {
        return new RecomputedChain(this, next);
    }

    /**
     * The recomputed output and its backward function.
     *
     * @param output the output; read before {@code backward} runs, which may overwrite it
     * @param backward from the gradient of the output to the gradients of the inputs; adds to the gradients of the weights
     * @param overwrites whether {@code backward} changes the gradient of the output in place, or returns parts of it
     */
    record Recomputation(Supplier<Tensor> output, Function<Tensor, List<Tensor>> backward, boolean overwrites) {}

    /**
     * The second computation, in the backward pass. By default autograd differentiates {@link #apply}.
     *
     * @param inputs float32, outside autograd's graph
     * @param savedTensors from {@link #forward}
     * @param requiresGrad whether each input needs a gradient; at least one does
     */
    default Recomputation recompute(List<Tensor> inputs, List<Tensor> savedTensors, List<Boolean> requiresGrad) {
        List<Tensor> leaves = inputs.stream().map(Tensor::detach).toList();
        for (int i = 0; i < leaves.size(); i++) {
            leaves.get(i).set_requires_grad(requiresGrad.get(i));
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

    /**
     * Adds the nodes of this operation to a graph, for {@link OnnxTape}. By default an operation has no such form.
     *
     * @param inputs the names of the values in the graph, each [B, C, X, Y, Z] as in {@link #apply}; only the batch size and the
     *     spatial extents may differ between runs of the graph
     * @return the name of the output
     * @throws dev.preceptor.base.PreceptorException if the operation cannot be written
     */
    default String export(OnnxGraph graph, List<String> inputs) {
        throw NotExportable.of(this, "RecomputedOp.export");
    }
}
