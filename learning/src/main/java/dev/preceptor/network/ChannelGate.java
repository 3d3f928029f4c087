package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The channel attention of CBAM (Woo et al., ECCV 2018, arXiv 1807.06521, equation 2): each channel is multiplied by the
 * sigmoid of {@code perceptron(mean) + perceptron(maximum)}. As a {@link RecomputedOp} it gates the concatenation of its
 * inputs.
 *
 * @param perceptron from [B, C] to [B, C]
 */
public record ChannelGate(Layer perceptron) implements Layer, JoiningOp {

    @Override
    public Tensor apply(Tensor x) {
        return x.mul(Layers.perChannel(
                gate(x.mean(Layers.SPACE), ChannelMaximum.of(x).value())));
    }

    @Override
    public Tensor applyJoined(Tensor joined) {
        return gated(joined).output();
    }

    @Override
    public int savedTensors() {
        return 3;
    }

    /** Saves mean, maximum and position of the maximum of each channel, all [B, C]. */
    @Override
    public ForwardResult forward(List<Tensor> inputs) {
        return gated(Tensors.cat(inputs, 1));
    }

    private ForwardResult gated(Tensor x) {
        Tensor mean = x.mean(Layers.SPACE);
        ChannelMaximum maximum = ChannelMaximum.of(x);
        return new ForwardResult(
                x.mul_(Layers.perChannel(gate(mean, maximum.value()))),
                List.of(mean, maximum.value(), maximum.position()));
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        Tensor x = Tensors.cat(inputs, 1);
        Tensor mean = saved.get(0).detach().set_requires_grad(true);
        Tensor maximum = saved.get(1).detach().set_requires_grad(true);
        Tensor gate;
        try (AutoGradMode on = new AutoGradMode(true)) {
            gate = gate(mean, maximum);
        }
        return new Recomputation(
                () -> x.mul(Layers.perChannel(gate.detach())),
                gradient -> {
                    long voxels = x.size(2) * x.size(3) * x.size(4);
                    Tensors.backward(gate, x.mul_(gradient).sum(Layers.SPACE));
                    torch.addcmul_out(
                            x,
                            Layers.perChannel(mean.grad().div(new Scalar((double) voxels))),
                            gradient,
                            Layers.perChannel(gate.detach()));
                    voxels(x)
                            .scatter_add_(
                                    1, saved.get(2).unsqueeze(1), maximum.grad().unsqueeze(1));
                    return Concat.split(x, inputs);
                },
                false);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return export(
                graph, inputs.size() == 1 ? inputs.get(0) : graph.node("Concat", inputs, Attribute.of("axis", 1)));
    }

    @Override
    public String export(OnnxGraph graph, String x) {
        String ofMean = perceptron.export(graph, ofVoxels(graph, "ReduceMean", x));
        String ofMaximum = perceptron.export(graph, ofVoxels(graph, "ReduceMax", x));
        String gate = graph.node("Sigmoid", List.of(graph.node("Add", List.of(ofMean, ofMaximum))));
        return graph.node("Mul", List.of(x, graph.node("Unsqueeze", List.of(gate, graph.integers(2, 3, 4)))));
    }

    private static String ofVoxels(OnnxGraph graph, String reduction, String x) {
        return graph.node(reduction, List.of(x), Attribute.list("axes", 2, 3, 4), Attribute.of("keepdims", 0));
    }

    private Tensor gate(Tensor mean, Tensor maximum) {
        return perceptron.apply(mean).add(perceptron.apply(maximum)).sigmoid();
    }

    /** [B, C, X, Y, Z] as [B, X Y Z, C]. */
    private static Tensor voxels(Tensor x) {
        return x.permute(0, 2, 3, 4, 1).flatten(1, 3);
    }

    /**
     * The maximum of each channel.
     *
     * @param value [B, C]; in autograd's graph its gradient goes to the first voxel that has this value
     * @param position [B, C], the index of that voxel among X Y Z
     */
    private record ChannelMaximum(Tensor value, Tensor position) {
        /** Reduces slab by slab: over all voxels of a channels-last tensor libtorch would search channel by channel. */
        static ChannelMaximum of(Tensor x) {
            Tensor slabs = x.permute(0, 2, 3, 4, 1).flatten(2, 3);
            Tensor first;
            try (NoGradGuard guard = new NoGradGuard()) {
                first = new Tensor(
                        slabs.amax(new long[] {2}, false).max(1, true).get1());
            }
            Tensor slab = slabs.gather(1, first.unsqueeze(2).expand(-1, -1, slabs.size(2), -1))
                    .squeeze(1);
            T_TensorTensor_T maximum = slab.max(1);
            Tensor position = first.squeeze(1).mul(new Scalar(slabs.size(2))).add(maximum.get1());
            return new ChannelMaximum(new Tensor(maximum.get0()), position);
        }
    }
}
