package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The region-aware fusion of RFNet (Ding, Yu, Yang, ICCV 2021, section 3.2). The first input is the logits of a map of class
 * probabilities, [B, K, X, Y, Z], the others are those of {@link PresentConcat}. For each class the mean features of the sequences,
 * weighted by the probability of the class, decide on a weight of each sequence between 0 and 1; the output
 * [B, K C, X, Y, Z] contains for each class the weighted sum of the sequences times the probability.
 *
 * @param concat of the sequences; those that are absent are zeros
 * @param weightings one for each class: from mean features and the mean probability, [B, M C + 1], to a logit for each of M
 *     sequences, [B, M]
 */
record RegionFusion(PresentConcat concat, List<Layer> weightings) implements RecomputedOp {
    private static final double EPSILON = 1e-7;

    RegionFusion {
        weightings = List.copyOf(weightings);
    }

    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor features = concat.apply(inputs.subList(1, inputs.size()));
        long batch = features.size(0);
        long voxels = features.size(2) * features.size(3) * features.size(4);
        int classes = weightings.size();
        long channels = inputs.get(1).size(1);
        // [B, V, M C] and [B, V, K]
        Tensor rows = features.permute(0, 2, 3, 4, 1).reshape(batch, voxels, -1);
        Tensor map = torch.softmax(inputs.get(0), 1).permute(0, 2, 3, 4, 1).reshape(batch, voxels, -1);
        Tensor share = map.mean(new long[] {1}).add(new Scalar(EPSILON));
        Tensor means = torch.bmm(map.transpose(1, 2), rows)
                .div(new Scalar((double) voxels))
                .div(share.unsqueeze(2));
        List<Tensor> weights = new ArrayList<>();
        for (int k = 0; k < classes; k++) {
            Tensor description = Tensors.cat(List.of(means.select(1, k), share.narrow(1, k, 1)), 1);
            weights.add(weightings.get(k).apply(description).sigmoid());
        }
        // The sum over the sequences as a product of matrices: [B, M, 1, K, 1] times the identity of the channels.
        Tensor identity = torch.eye(channels).to(features.device(), features.scalar_type());
        Tensor mixing = Tensors.stack(weights, 2)
                .view(batch, -1, 1, classes, 1)
                .mul(identity.view(1, 1, channels, 1, channels))
                .reshape(batch, -1, classes * channels);
        return torch.bmm(rows, mixing)
                .view(batch, voxels, classes, channels)
                .mul(map.unsqueeze(3))
                .view(batch, features.size(2), features.size(3), features.size(4), classes * channels)
                .permute(0, 4, 1, 2, 3);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        List<String> sequences = inputs.subList(1, inputs.size());
        String features = concat.export(graph, sequences);
        int classes = weightings.size();
        int count = concat.sequences();
        String channels = graph.node("Reshape", List.of(features, graph.integers(0, 0, -1)));
        String map = graph.node("Softmax", inputs.subList(0, 1), Attribute.of("axis", 1));
        String rows = graph.node("Reshape", List.of(map, graph.integers(0, 0, -1)));
        String share = graph.node(
                "Add",
                List.of(
                        graph.node("ReduceMean", List.of(rows), Attribute.list("axes", 2), Attribute.of("keepdims", 1)),
                        graph.number(EPSILON)));
        String transposed = graph.node("Transpose", List.of(channels), Attribute.list("perm", 0, 2, 1));
        String means = graph.node(
                "Div",
                List.of(
                        graph.node(
                                "Div", List.of(graph.node("MatMul", List.of(rows, transposed)), voxels(graph, rows))),
                        share));
        // [B, K, M C + 1]
        List<String> descriptions =
                split(graph, graph.node("Concat", List.of(means, share), Attribute.of("axis", 2)), classes);
        List<String> maps = split(graph, map, classes);
        String bySequence = graph.node("Reshape", List.of(features, graph.integers(0, count, -1)));
        String shape = graph.node("Shape", sequences.subList(0, 1));
        List<String> regions = new ArrayList<>();
        for (int k = 0; k < classes; k++) {
            String description = graph.node("Squeeze", List.of(descriptions.get(k), graph.integers(1)));
            String weights = graph.node("Sigmoid", List.of(weightings.get(k).export(graph, description)));
            String row = graph.node("Unsqueeze", List.of(weights, graph.integers(1)));
            String sum = graph.node("Reshape", List.of(graph.node("MatMul", List.of(row, bySequence)), shape));
            regions.add(graph.node("Mul", List.of(sum, maps.get(k))));
        }
        return graph.node("Concat", regions, Attribute.of("axis", 1));
    }

    private static List<String> split(OnnxGraph graph, String x, int parts) {
        return parts == 1 ? List.of(x) : graph.nodes("Split", List.of(x), parts, Attribute.of("axis", 1));
    }

    /** The last extent of a value of three axes, as a number. */
    private static String voxels(OnnxGraph graph, String rows) {
        String extent = graph.node("Gather", List.of(graph.node("Shape", List.of(rows)), graph.integers(2)));
        // 1 is float32.
        return graph.node("Cast", List.of(extent), Attribute.of("to", 1));
    }
}
