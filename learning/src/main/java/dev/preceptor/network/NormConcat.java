package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Concatenates inputs [B, C_i, X, Y, Z] along the channels, each after a norm of its own.
 *
 * @param norms one for each input
 */
public record NormConcat(List<NormActivation> norms) implements RecomputedOp {
    public NormConcat {
        norms = List.copyOf(norms);
    }

    @Override
    public Tensor apply(List<Tensor> inputs) {
        return forward(inputs).output();
    }

    @Override
    public int savedTensors() {
        return norms.stream().mapToInt(NormActivation::savedTensors).sum();
    }

    @Override
    public ForwardResult forward(List<Tensor> inputs) {
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> saved = new ArrayList<>();
        for (int i = 0; i < norms.size(); i++) {
            ForwardResult result = norms.get(i).forward(List.of(inputs.get(i)));
            outputs.add(result.output());
            saved.addAll(result.savedTensors());
        }
        return new ForwardResult(Tensors.cat(outputs, 1), saved);
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        List<Recomputation> again = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < norms.size(); i++) {
            int end = first + norms.get(i).savedTensors();
            again.add(norms.get(i)
                    .recompute(List.of(inputs.get(i)), saved.subList(first, end), List.of(requiresGrad.get(i))));
            first = end;
        }
        return new Recomputation(
                () -> Tensors.cat(again.stream().map(r -> r.output().get()).toList(), 1),
                gradient -> {
                    List<Tensor> parts = Concat.split(gradient, inputs);
                    return IntStream.range(0, parts.size())
                            .mapToObj(i ->
                                    again.get(i).backward().apply(parts.get(i)).get(0))
                            .toList();
                },
                true);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < norms.size(); i++) {
            outputs.add(norms.get(i).export(graph, List.of(inputs.get(i))));
        }
        return graph.node("Concat", outputs, Attribute.of("axis", 1));
    }
}
