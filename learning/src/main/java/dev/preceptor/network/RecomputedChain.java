package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Two operations, one after the other: {@link RecomputedOp#then}.
 *
 * @param first of all inputs
 * @param second of the output of the first
 */
record RecomputedChain(RecomputedOp first, RecomputedOp second) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        return second.apply(List.of(first.apply(inputs)));
    }

    @Override
    public int savedTensors() {
        return first.savedTensors() + second.savedTensors();
    }

    @Override
    public ForwardResult forward(List<Tensor> inputs) {
        ForwardResult inner = first.forward(inputs);
        ForwardResult outer = second.forward(List.of(inner.output()));
        List<Tensor> saved = new ArrayList<>(inner.savedTensors());
        saved.addAll(outer.savedTensors());
        return new ForwardResult(outer.output(), saved);
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        int ofFirst = first.savedTensors();
        Recomputation inner = first.recompute(inputs, saved.subList(0, ofFirst), requiresGrad);
        Recomputation outer =
                second.recompute(List.of(inner.output().get()), saved.subList(ofFirst, saved.size()), List.of(true));
        return new Recomputation(
                outer.output(),
                gradient -> {
                    Tensor between = Tensors.scoped(
                            () -> outer.backward().apply(gradient).get(0));
                    return inner.backward().apply(between);
                },
                outer.overwrites());
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return second.export(graph, List.of(first.export(graph, inputs)));
    }
}
