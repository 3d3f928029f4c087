package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * LeakyReLU of one input of any shape.
 *
 * @param slope negative slope; 0 for ReLU
 */
record LeakyRelu(double slope) implements RecomputedOp, Layer {
    @Override
    public Tensor apply(Tensor x) {
        return torch.leaky_relu(x, new Scalar(slope));
    }

    @Override
    public Tensor apply(List<Tensor> inputs) {
        return apply(inputs.get(0));
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return export(graph, inputs.get(0));
    }

    @Override
    public String export(OnnxGraph graph, String x) {
        return export(graph, x, slope);
    }

    /** The nodes of a LeakyReLU; of a ReLU with slope 0. */
    static String export(OnnxGraph graph, String x, double slope) {
        return slope == 0
                ? graph.node("Relu", List.of(x))
                : graph.node("LeakyRelu", List.of(x), Attribute.of("alpha", slope));
    }
}
