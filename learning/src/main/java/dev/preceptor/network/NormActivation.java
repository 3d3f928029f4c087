package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * GroupNorm (Wu and He, ECCV 2018, arXiv 1803.08494), optionally followed by ReLU or LeakyReLU, of one input [B, C, X, Y, Z].
 * With as many groups as channels it is InstanceNorm. Population variance, epsilon 1e-5.
 *
 * <p>libtorch's kernel for channels-last tensors accumulates sums voxel by voxel in float32 and deviates by 1e-4 on large
 * volumes; the reductions used here stay within 1e-6 (docs/decisions/012).
 *
 * @param groups number of groups that the channels form; divides C
 * @param affine scale and shift of each channel, if there are any
 * @param slope negative slope of the LeakyReLU that follows, from 0, which is ReLU, to {@link #LINEAR}
 */
public record NormActivation(int groups, Optional<ScaleShift> affine, double slope) implements RecomputedOp {
    /** The slope without an activation. */
    public static final double LINEAR = 1;

    private static final double EPSILON = 1e-5;

    /**
     * @param weight scale of each channel [C]
     * @param bias shift of each channel [C]
     */
    public record ScaleShift(Tensor weight, Tensor bias) {}

    @Override
    public Tensor apply(List<Tensor> inputs) {
        return forward(inputs).output();
    }

    @Override
    public int savedTensors() {
        return 2;
    }

    /** Saves mean and inverse standard deviation of the group of each channel, both [B, C]. */
    @Override
    public ForwardResult forward(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        List<Tensor> saved = statistics(x);
        return new ForwardResult(normalise(x, saved), saved);
    }

    /** Mean and inverse standard deviation of the group of each channel, both [B, C]. */
    List<Tensor> statistics(Tensor x) {
        if (ChannelLoops.accept(x)) {
            List<Tensor> sums = ChannelLoops.moments(x);
            Tensor mean = groupMean(sums.get(0).div(voxels(x)));
            Tensor variance =
                    groupMean(sums.get(1).div(voxels(x))).sub(mean.square()).clamp_min(new Scalar(0.0));
            return List.of(
                    mean.to(torch.ScalarType.Float),
                    variance.add(new Scalar(EPSILON)).rsqrt().to(torch.ScalarType.Float));
        }
        Tensor mean = groupMean(x.mean(Layers.SPACE));
        Tensor variance = groupMean(meanSquare(x)).sub(mean.square()).clamp_min(new Scalar(0.0));
        return List.of(mean, variance.add(new Scalar(EPSILON)).rsqrt());
    }

    /** The mean of the squares of each channel [B, C], with the squares of one slab of a large tensor at a time. */
    private static Tensor meanSquare(Tensor x) {
        Slabs slabs = Slabs.of(x);
        if (slabs.count() == 1) {
            return x.square().mean(Layers.SPACE);
        }
        Tensor sum = torch.zeros(x.size(0), x.size(1)).to(x.device(), x.scalar_type());
        slabs.forEach(
                (first, rows) -> sum.add_(x.narrow(2, first, rows).square().sum(Layers.SPACE)));
        return sum.div(voxels(x));
    }

    @Override
    public Tensor applyLast(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        List<Tensor> saved = statistics(x);
        Tensor scale = scaled(saved.get(1));
        if (ChannelLoops.accept(x)) {
            ChannelLoops.activate(x, scale, shift(saved, scale), slope, x);
            return x.detach();
        }
        torch.addcmul_out(x, Layers.perChannel(shift(saved, scale)), x, Layers.perChannel(scale));
        // What an operation in place returns does not own the tensor, which a scope could then free.
        return slope == LINEAR ? x.detach() : Layers.leakyReluInPlace(x.detach(), slope);
    }

    /**
     * The output for a part of the voxels.
     *
     * @param x [B, C, X, Y, Z]
     * @param saved {@link #statistics} of all voxels
     */
    Tensor normalise(Tensor x, List<Tensor> saved) {
        Tensor scale = scaled(saved.get(1));
        if (ChannelLoops.accept(x)) {
            Tensor y = torch.empty_like(x);
            ChannelLoops.activate(x, scale, shift(saved, scale), slope, y);
            return y;
        }
        Tensor y = torch.addcmul(Layers.perChannel(shift(saved, scale)), x, Layers.perChannel(scale));
        return slope == LINEAR ? y : Layers.leakyReluInPlace(y, slope);
    }

    private Tensor shift(List<Tensor> saved, Tensor scale) {
        Tensor shift = saved.get(0).mul(scale).neg();
        return affine.map(a -> shift.add(a.bias())).orElse(shift);
    }

    /**
     * Not by ONNX's InstanceNormalization: ONNX Runtime adds up all voxels of a channel one by one in float32, which deviates by 1e-4
     * on large volumes (docs/decisions/018). Means along one axis after the other are as exact as those of {@link #forward}.
     */
    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        String x = inputs.get(0);
        String mean = groupMean(graph, voxelMean(graph, x));
        String ofSquares = groupMean(graph, voxelMean(graph, graph.node("Mul", List.of(x, x))));
        String squared = graph.node("Mul", List.of(mean, mean));
        String variance = graph.node("Relu", List.of(graph.node("Sub", List.of(ofSquares, squared))));
        String deviation = graph.node("Sqrt", List.of(graph.node("Add", List.of(variance, graph.number(EPSILON)))));
        String scale = graph.node("Reciprocal", List.of(deviation));
        if (affine.isPresent()) {
            scale = graph.node(
                    "Mul", List.of(scale, perChannel(graph, affine.get().weight())));
        }
        String shift = graph.node("Neg", List.of(graph.node("Mul", List.of(mean, scale))));
        if (affine.isPresent()) {
            shift = graph.node(
                    "Add", List.of(shift, perChannel(graph, affine.get().bias())));
        }
        String y = graph.node("Add", List.of(graph.node("Mul", List.of(x, scale)), shift));
        return slope == LINEAR ? y : LeakyRelu.export(graph, y, slope);
    }

    private static String perChannel(OnnxGraph graph, Tensor weight) {
        return graph.weight(weight, weight.size(0), 1, 1, 1);
    }

    /** The mean of each channel, [B, C, 1, 1, 1]. */
    private static String voxelMean(OnnxGraph graph, String x) {
        String mean = x;
        for (int axis = 4; axis >= 2; axis--) {
            mean = graph.node("ReduceMean", List.of(mean), Attribute.list("axes", axis), Attribute.of("keepdims", 1));
        }
        return mean;
    }

    /** {@link #groupMean(Tensor)} in a graph, [B, C, 1, 1, 1]. */
    private String groupMean(OnnxGraph graph, String channels) {
        if (affine.isPresent() && affine.get().weight().size(0) == groups) {
            return channels;
        }
        String rows = graph.node("Reshape", List.of(channels, graph.integers(0, groups, -1)));
        String mean = graph.node("ReduceMean", List.of(rows), Attribute.list("axes", 2), Attribute.of("keepdims", 1));
        String expanded = graph.node("Expand", List.of(mean, graph.node("Shape", List.of(rows))));
        return graph.node("Reshape", List.of(expanded, graph.node("Shape", List.of(channels))));
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        Tensor x = inputs.get(0);
        if (ChannelLoops.accept(x)) {
            return new Recomputation(
                    () -> normalise(x, saved), gradient -> List.of(byLoops(gradient, x, saved)), false);
        }
        if (slope == LINEAR) {
            return new Recomputation(
                    () -> normalise(x, saved), gradient -> List.of(normBackward(gradient, x, saved)), false);
        }
        Tensor y = normalise(x, saved);
        return new Recomputation(
                () -> y,
                gradient -> {
                    torch.leaky_relu_backward_out(gradient, gradient, y, new Scalar(slope), true);
                    return List.of(normBackward(gradient, x, saved));
                },
                true);
    }

    private Tensor byLoops(Tensor gradient, Tensor x, List<Tensor> saved) {
        Tensor outer = gradient.contiguous(torch.MemoryFormat.ChannelsLast3d);
        Tensor scale = scaled(saved.get(1));
        Tensor shift = shift(saved, scale);
        List<Tensor> sums = ChannelLoops.gradientSums(outer, x, scale, shift, slope);
        Tensor biasGradient = sums.get(0).to(torch.ScalarType.Float);
        Tensor weightGradient =
                sums.get(1).sub(saved.get(0).mul(sums.get(0))).mul(saved.get(1)).to(torch.ScalarType.Float);
        addGradients(weightGradient, biasGradient);
        LinearGradient linear = linear(weightGradient, biasGradient, x, saved);
        Tensor result = torch.empty_like(x);
        ChannelLoops.gradient(outer, x, scale, shift, slope, scale, linear.ofX(), linear.constant(), result);
        return result;
    }

    /** The gradient of x: for each channel a linear function of x and of the gradient of the norm's output. */
    private Tensor normBackward(Tensor gradient, Tensor x, List<Tensor> saved) {
        Tensor biasGradient = gradient.sum(Layers.SPACE);
        Tensor result = gradient.mul(x);
        Tensor weightGradient =
                result.sum(Layers.SPACE).sub(saved.get(0).mul(biasGradient)).mul(saved.get(1));
        addGradients(weightGradient, biasGradient);
        LinearGradient linear = linear(weightGradient, biasGradient, x, saved);
        torch.addcmul_out(result, Layers.perChannel(linear.constant()), x, Layers.perChannel(linear.ofX()));
        // What an operation in place returns does not own the tensor, which a scope could then free.
        result.addcmul_(gradient, Layers.perChannel(scaled(saved.get(1))));
        return result;
    }

    private void addGradients(Tensor weightGradient, Tensor biasGradient) {
        affine.ifPresent(a -> {
            Tensors.addGradient(a.weight(), weightGradient.sum(0));
            Tensors.addGradient(a.bias(), biasGradient.sum(0));
        });
    }

    /** What the gradient of x depends on besides the gradient of the norm's output, both [B, C]. */
    private record LinearGradient(Tensor ofX, Tensor constant) {}

    private LinearGradient linear(Tensor weightGradient, Tensor biasGradient, Tensor x, List<Tensor> saved) {
        Tensor inverse = saved.get(1);
        Tensor level = groupMean(scaled(biasGradient).div(voxels(x)));
        Tensor steepness = groupMean(scaled(weightGradient).div(voxels(x))).mul(inverse);
        return new LinearGradient(
                steepness.mul(inverse).neg(),
                steepness.mul(saved.get(0)).sub(level).mul(inverse));
    }

    private static Scalar voxels(Tensor x) {
        return new Scalar((double) (x.size(2) * x.size(3) * x.size(4)));
    }

    private Tensor scaled(Tensor channels) {
        return affine.map(a -> channels.mul(a.weight())).orElse(channels);
    }

    /** From a number for each channel [B, C] to the mean over the group of each channel [B, C]. */
    private Tensor groupMean(Tensor channels) {
        if (groups == channels.size(1)) {
            return channels;
        }
        long size = channels.size(1) / groups;
        return channels.view(-1, groups, size)
                .mean(new long[] {2})
                .unsqueeze(2)
                .expand(-1, -1, size)
                .reshape(-1, channels.size(1));
    }
}
