package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Upsamples the first input [B, C, X, Y, Z] to [B, C, 2X, 2Y, 2Z], trilinear with {@code align_corners} false, and
 * concatenates the further inputs (skip connections, if there are any) along the channels.
 */
public record UpsampleConcat() implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        Tensor upsampled =
                torch.upsample_trilinear3d(x, new long[] {2 * x.size(2), 2 * x.size(3), 2 * x.size(4)}, false);
        if (inputs.size() == 1) {
            return upsampled;
        }
        List<Tensor> parts = new ArrayList<>(List.of(upsampled));
        parts.addAll(inputs.subList(1, inputs.size()));
        return Tensors.cat(parts, 1);
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> savedTensors, List<Boolean> requiresGrad) {
        Tensor x = inputs.get(0);
        return ChannelLoops.accept(x)
                ? new Recomputation(
                        () -> apply(inputs),
                        gradient -> gradients(inputs, gradient.contiguous(torch.MemoryFormat.ChannelsLast3d)),
                        false)
                : RecomputedOp.super.recompute(inputs, savedTensors, requiresGrad);
    }

    private static List<Tensor> gradients(List<Tensor> inputs, Tensor gradient) {
        long channels = inputs.get(0).size(1);
        List<Tensor> gradients = new ArrayList<>();
        gradients.add(UpsampleGradient.gradient(gradient, Math.toIntExact(channels)));
        for (Tensor skip : inputs.subList(1, inputs.size())) {
            gradients.add(gradient.narrow(1, channels, skip.size(1)).contiguous(torch.MemoryFormat.ChannelsLast3d));
            channels += skip.size(1);
        }
        return gradients;
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        List<String> parts = new ArrayList<>(inputs);
        parts.set(
                0,
                Upsample.doubled(
                        graph,
                        inputs.get(0),
                        Attribute.of("mode", "linear"),
                        Attribute.of("coordinate_transformation_mode", "half_pixel")));
        return parts.size() == 1 ? parts.get(0) : graph.node("Concat", parts, Attribute.of("axis", 1));
    }
}
