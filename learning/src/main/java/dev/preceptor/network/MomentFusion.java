package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The fusion of HeMIS (Havaei et al., MICCAI 2016, arXiv 1607.05194, section 2): the features of the sequences that are present, each
 * [B, C, X, Y, Z], become their mean and their population variance over the sequences, [B, 2C, X, Y, Z]. The variance of a single
 * sequence is 0.
 *
 * @param present for each input, [B][inputs], whether the sequence is present; at least one in each row
 */
record MomentFusion(boolean[][] present) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        List<Tensor> means = new ArrayList<>();
        List<Tensor> variances = new ArrayList<>();
        for (int b = 0; b < present.length; b++) {
            int row = b;
            List<Tensor> features = IntStream.range(0, inputs.size())
                    .filter(c -> present[row][c])
                    .mapToObj(c -> inputs.get(c).select(0, row))
                    .toList();
            Scalar count = new Scalar((double) features.size());
            Tensor mean = features.stream().reduce(Tensor::add).orElseThrow().div(count);
            means.add(mean);
            variances.add(features.stream()
                    .map(feature -> feature.sub(mean).square())
                    .reduce(Tensor::add)
                    .orElseThrow()
                    .div(count));
        }
        return Tensors.cat(List.of(Tensors.stack(means, 0), Tensors.stack(variances, 0)), 1);
    }

    /** All samples of a graph have the same sequences, which are those of the inputs. */
    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        String mean = graph.node("Mean", inputs);
        List<String> squares = inputs.stream()
                .map(feature -> graph.node("Sub", List.of(feature, mean)))
                .map(distance -> graph.node("Mul", List.of(distance, distance)))
                .toList();
        return graph.node("Concat", List.of(mean, graph.node("Mean", squares)), Attribute.of("axis", 1));
    }
}
