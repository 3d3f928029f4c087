package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Max-pooling over 2x2x2 voxels with stride 2: one input [B, C, X, Y, Z] to [B, C, X/2, Y/2, Z/2]. */
public record MaxPool() implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        return torch.max_pool3d(inputs.get(0), 2, 2, 2);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return graph.node(
                "MaxPool", inputs, Attribute.list("kernel_shape", 2, 2, 2), Attribute.list("strides", 2, 2, 2));
    }
}
