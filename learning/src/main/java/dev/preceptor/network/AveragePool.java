package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The mean over 2x2x2 voxels with stride 2: one input [B, C, X, Y, Z] to [B, C, X/2, Y/2, Z/2]. */
public record AveragePool() implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        return torch.avg_pool3d(inputs.get(0), 2, 2, 2);
    }

    /** Average pooling has no deterministic backward pass in CUDA; the gradient is spread by an upsampling instead. */
    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        Tensor x = inputs.get(0);
        long[] shape = {x.size(2), x.size(3), x.size(4)};
        return new Recomputation(
                () -> apply(inputs),
                gradient -> List.of(torch.upsample_nearest3d(gradient.div(new Scalar(8.0)), shape)),
                false);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return graph.node(
                "AveragePool", inputs, Attribute.list("kernel_shape", 2, 2, 2), Attribute.list("strides", 2, 2, 2));
    }
}
