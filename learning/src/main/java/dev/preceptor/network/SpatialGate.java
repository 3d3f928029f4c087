package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The spatial attention of CBAM (Woo et al., ECCV 2018, arXiv 1807.06521, equation 3): each voxel is multiplied by the
 * sigmoid of a convolution of the maximum and the mean over its channels.
 *
 * @param convolution from two channels (maximum, mean) to one
 */
public record SpatialGate(Layer convolution) implements Layer {
    private static final long[] CHANNELS = {1};

    @Override
    public Tensor apply(Tensor x) {
        Tensor maximum = x.max(1, true).get0();
        Tensor mean = x.mean(CHANNELS, true, new ScalarTypeOptional());
        return x.mul(convolution.apply(Tensors.cat(List.of(maximum, mean), 1)).sigmoid());
    }

    @Override
    public String export(OnnxGraph graph, String x) {
        List<String> reduced = Stream.of("ReduceMax", "ReduceMean")
                .map(reduction ->
                        graph.node(reduction, List.of(x), Attribute.list("axes", 1), Attribute.of("keepdims", 1)))
                .toList();
        String gate = convolution.export(graph, graph.node("Concat", reduced, Attribute.of("axis", 1)));
        return graph.node("Mul", List.of(x, graph.node("Sigmoid", List.of(gate))));
    }
}
