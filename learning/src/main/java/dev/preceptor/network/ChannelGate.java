package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The channel gate of CBAM (equation 2): the mean and the maximum of each channel through one shared perceptron; the sum of both
 * through a sigmoid multiplies the channel. As a {@link RecomputedOp} it gates the concatenation of its inputs.
 *
 * @param perceptron of a tensor [B, C]
 */
record ChannelGate(Layer perceptron) implements Layer, RecomputedOp {

    @Override
    public Tensor apply(Tensor x) {
        return x.mul(Layers.spread(gate(x.mean(Layers.SPACE), Most.of(x).value())));
    }

    @Override
    public Tensor apply(List<Tensor> parts) {
        return forward(parts).output();
    }

    /** Notes mean, maximum and place of the maximum of each channel, [B, C]. */
    @Override
    public ForwardResult forward(List<Tensor> parts) {
        Tensor x = Tensors.cat(parts, 1);
        Tensor mean = x.mean(Layers.SPACE);
        Most most = Most.of(x);
        return new ForwardResult(
                x.mul_(Layers.spread(gate(mean, most.value()))), List.of(mean, most.value(), most.place()));
    }

    @Override
    public Recomputation recompute(List<Tensor> parts, List<Tensor> notes, List<Boolean> wanted) {
        Tensor x = Tensors.cat(parts, 1);
        Tensor mean = notes.get(0).detach().set_requires_grad(true);
        Tensor most = notes.get(1).detach().set_requires_grad(true);
        Tensor gate;
        try (AutoGradMode on = new AutoGradMode(true)) {
            gate = gate(mean, most);
        }
        return new Recomputation(
                () -> x.mul(Layers.spread(gate.detach())),
                gradient -> {
                    long voxels = x.size(2) * x.size(3) * x.size(4);
                    Tensors.backward(gate, x.mul_(gradient).sum(Layers.SPACE));
                    torch.addcmul_out(
                            x,
                            Layers.spread(mean.grad().div(new Scalar((double) voxels))),
                            gradient,
                            Layers.spread(gate.detach()));
                    voxels(x)
                            .scatter_add_(
                                    1, notes.get(2).unsqueeze(1), most.grad().unsqueeze(1));
                    return split(x, parts);
                },
                false);
    }

    private Tensor gate(Tensor mean, Tensor most) {
        return perceptron.apply(mean).add(perceptron.apply(most)).sigmoid();
    }

    private static List<Tensor> split(Tensor x, List<Tensor> parts) {
        List<Tensor> pieces = new ArrayList<>();
        long first = 0;
        for (Tensor part : parts) {
            pieces.add(x.narrow(1, first, part.size(1)));
            first += part.size(1);
        }
        return pieces;
    }

    /** [B, C, X, Y, Z] as [B, X Y Z, C]. */
    private static Tensor voxels(Tensor x) {
        return x.permute(0, 2, 3, 4, 1).flatten(1, 3);
    }

    /**
     * The maximum of each channel.
     *
     * @param value [B, C]; in a graph its gradient goes to the first voxel that has it
     * @param place [B, C], the number of that voxel
     */
    private record Most(Tensor value, Tensor place) {
        /** Slab by slab, since along all voxels of a channels-last tensor libtorch looks for it channel by channel. */
        static Most of(Tensor x) {
            Tensor slabs = x.permute(0, 2, 3, 4, 1).flatten(2, 3);
            Tensor first;
            try (NoGradGuard guard = new NoGradGuard()) {
                first = new Tensor(
                        slabs.amax(new long[] {2}, false).max(1, true).get1());
            }
            Tensor slab = slabs.gather(1, first.unsqueeze(2).expand(-1, -1, slabs.size(2), -1))
                    .squeeze(1);
            T_TensorTensor_T most = slab.max(1);
            Tensor place = first.squeeze(1).mul(new Scalar(slabs.size(2))).add(most.get1());
            return new Most(new Tensor(most.get0()), place);
        }
    }
}
