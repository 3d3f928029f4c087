package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The gates of Robust-MSeg (Chen et al., MICCAI 2019, arXiv 2002.09708, section 2.2): the first input is a logit for each sequence and
 * voxel, [B, M, X, Y, Z], the others are those of {@link PresentConcat}, whose output [B, M C, X, Y, Z] is multiplied by the sigmoid
 * of the logit of each sequence.
 *
 * @param concat of the sequences; those that are absent are zeros
 */
record GatedConcat(PresentConcat concat) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor features = concat.apply(inputs.subList(1, inputs.size()));
        Tensor gates = inputs.get(0).sigmoid();
        Tensor rows = features.permute(0, 2, 3, 4, 1);
        return rows.reshape(rows.size(0), rows.size(1), rows.size(2), rows.size(3), gates.size(1), -1)
                .mul(gates.permute(0, 2, 3, 4, 1).unsqueeze(5))
                .flatten(4, 5)
                .permute(0, 4, 1, 2, 3);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        List<String> parts = concat.parts(graph, inputs.subList(1, inputs.size()));
        String gates = graph.node("Sigmoid", inputs.subList(0, 1));
        List<String> ofSequences = parts.size() == 1
                ? List.of(gates)
                : graph.nodes("Split", List.of(gates), parts.size(), Attribute.of("axis", 1));
        List<String> gated = IntStream.range(0, parts.size())
                .mapToObj(c -> graph.node("Mul", List.of(parts.get(c), ofSequences.get(c))))
                .toList();
        return graph.node("Concat", gated, Attribute.of("axis", 1));
    }
}
