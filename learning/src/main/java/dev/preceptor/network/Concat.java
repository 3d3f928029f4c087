package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Concatenates its inputs [B, C_i, X, Y, Z] along the channels. */
public record Concat() implements JoiningOp {
    @Override
    public Tensor applyJoined(Tensor joined) {
        return joined;
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        return new Recomputation(() -> apply(inputs), gradient -> split(gradient, inputs), true);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return graph.node("Concat", inputs, Attribute.of("axis", 1));
    }

    /** The channels of x that belong to each input, as views. */
    static List<Tensor> split(Tensor x, List<Tensor> inputs) {
        List<Tensor> parts = new ArrayList<>();
        long first = 0;
        for (Tensor input : inputs) {
            parts.add(x.narrow(1, first, input.size(1)));
            first += input.size(1);
        }
        return parts;
    }
}
