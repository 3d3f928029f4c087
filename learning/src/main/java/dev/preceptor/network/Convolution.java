package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution, with zero padding of half a kernel from [B, in, X, Y, Z] to [B, out, X/stride, Y/stride, Z/stride].
 *
 * <p>On the CPU it selects libtorch's fastest implementation for the shape (docs/decisions/012): oneDNN on channels-last
 * tensors, which libtorch itself does not select for one sample with small planes.
 *
 * @param weight [out, in, k, k, k], k odd where the padding is half a kernel
 * @param bias [out]; empty for a convolution without
 * @param stride 1 or 2
 * @param padding number of zeros on each side of each axis
 */
public record Convolution(Tensor weight, Optional<Tensor> bias, int stride, int padding) implements ConvolutionOp {
    private static final long[] ONE = {1, 1, 1};
    private static final long[] NONE = {0, 0, 0};
    /** Up to this many values in one plane of all channels, libtorch computes a single sample by im2col. */
    private static final long SMALL_PLANE = 20480;

    /** A convolution with zero padding of half a kernel. */
    public Convolution(Tensor weight, Optional<Tensor> bias, int stride) {
        this(weight, bias, stride, Math.toIntExact(weight.size(2) / 2));
    }

    @Override
    public Tensor apply(Tensor x) {
        if (isThinHalf(x)) {
            return apply(x.to(torch.ScalarType.Float)).to(x.scalar_type());
        }
        if (usesOneDnn(x)) {
            return oneDnn(x, paddings());
        }
        Tensor cast = weight.to(x.scalar_type());
        TensorOptional castBias =
                bias.map(b -> new TensorOptional(b.to(x.scalar_type()))).orElseGet(TensorOptional::new);
        return torch.conv3d(x, cast, castBias, strides(), paddings(), ONE, 1);
    }

    /** Of a large tensor it normalises one slab at a time, right before the convolution of that slab. */
    @Override
    public Tensor apply(RecomputedOp op, List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        return op instanceof NormActivation norm && usesOneDnn(x) && Slabs.of(x).count() > 1
                ? normalised(norm, x)
                : apply(op.apply(inputs));
    }

    private Tensor normalised(NormActivation norm, Tensor x) {
        long kernel = weight.size(2);
        long[] extents = new long[3];
        for (int axis = 0; axis < 3; axis++) {
            extents[axis] = (x.size(axis + 2) + 2L * padding - kernel) / stride + 1;
        }
        Tensor result = Tensors.channelsLast(
                torch.empty(x.size(0) * extents[0] * extents[1] * extents[2], weight.size(0)),
                x.size(0),
                extents[0],
                extents[1],
                extents[2]);
        List<Tensor> statistics = norm.statistics(x);
        new Slabs(extents[0], Math.max(1, Slabs.of(x).rows() / stride)).forEach((first, rows) -> {
            long start = first * stride - padding;
            long end = (first + rows - 1) * stride - padding + kernel;
            long before = Math.max(-start, 0);
            long after = Math.max(end - x.size(2), 0);
            Tensor inside = norm.normalise(x.narrow(2, start + before, end - after - start - before), statistics);
            Tensor slab = before + after == 0
                    ? inside
                    : torch.constant_pad_nd(inside, new long[] {0, 0, 0, 0, before, after}, new Scalar(0.0));
            result.narrow(2, first, rows).copy_(oneDnn(slab, new long[] {0, padding, padding}));
        });
        return result;
    }

    private Tensor oneDnn(Tensor x, long[] paddings) {
        return torch.mkldnn_convolution(
                x, weight, bias.map(TensorOptional::new).orElseGet(TensorOptional::new), paddings, strides(), ONE, 1);
    }

    @Override
    public Tensor backward(Tensor gradient, Tensor x, boolean inputRequiresGrad) {
        if (isThinHalf(x)) {
            Tensor whole =
                    backward(gradient.to(torch.ScalarType.Float), x.to(torch.ScalarType.Float), inputRequiresGrad);
            return inputRequiresGrad ? whole.to(x.scalar_type()) : whole;
        }
        if (weight.size(2) == 1 && stride == 1) {
            return pointwise(gradient, x, inputRequiresGrad);
        }
        Tensor cast = weight.to(x.scalar_type());
        if (x.is_cpu() && x.size(1) == 1) {
            return general(gradient.contiguous(), x.contiguous(), cast, inputRequiresGrad);
        }
        if (usesOneDnn(x) && x.size(0) == 1 && x.size(1) * x.size(2) * x.size(3) <= SMALL_PLANE) {
            return doubled(gradient, x, cast, inputRequiresGrad);
        }
        return general(gradient, x, cast, inputRequiresGrad);
    }

    private Tensor general(Tensor gradient, Tensor x, Tensor cast, boolean inputRequiresGrad) {
        try (BoolPointer mask =
                new BoolPointer(3).put(0, inputRequiresGrad).put(1, true).put(2, bias.isPresent())) {
            T_TensorTensorTensor_T gradients = torch.convolution_backward(
                    gradient, x, cast, new long[] {weight.size(0)}, strides(), paddings(), ONE, false, NONE, 1, mask);
            Tensors.addGradient(weight, gradients.get1());
            bias.ifPresent(b -> Tensors.addGradient(b, gradients.get2()));
            // The tuple owns its members.
            return new Tensor(gradients.get0());
        }
    }

    /** A second sample with a zero gradient makes libtorch select oneDNN; the gain outweighs the cost of the sample. */
    private Tensor doubled(Tensor gradient, Tensor x, Tensor cast, boolean inputRequiresGrad) {
        Tensor zero = torch.zeros_like(gradient);
        Tensor both = general(
                Tensors.cat(List.of(gradient, zero), 0), Tensors.cat(List.of(x, x), 0), cast, inputRequiresGrad);
        return inputRequiresGrad ? both.narrow(0, 0, 1) : both;
    }

    /** A 1x1x1 convolution is a matrix product over the voxels. */
    private Tensor pointwise(Tensor gradient, Tensor x, boolean inputRequiresGrad) {
        Tensor rows = Tensors.voxelsByChannels(gradient);
        Tensors.addGradient(weight, rows.t().matmul(Tensors.voxelsByChannels(x)).view(Tensors.shape(weight)));
        bias.ifPresent(b -> Tensors.addGradient(b, rows.sum(0)));
        if (!inputRequiresGrad) {
            return new Tensor();
        }
        Tensor matrix = weight.to(x.scalar_type()).view(weight.size(0), weight.size(1));
        return Tensors.channelsLast(rows.matmul(matrix), x.size(0), x.size(2), x.size(3), x.size(4));
    }

    /**
     * Whether x is bfloat16, on a CPU and thinner than the kernel along X: on some processors oneDNN then leaves parts of the
     * weights' gradient unwritten (docs/decisions/033).
     */
    private boolean isThinHalf(Tensor x) {
        return x.is_cpu() && x.scalar_type().intern() == torch.ScalarType.BFloat16 && x.size(2) < weight.size(2);
    }

    private static boolean usesOneDnn(Tensor x) {
        return x.is_cpu() && x.scalar_type().intern() == torch.ScalarType.Float;
    }

    private long[] paddings() {
        return new long[] {padding, padding, padding};
    }

    private long[] strides() {
        return new long[] {stride, stride, stride};
    }

    @Override
    public String export(OnnxGraph graph, String x) {
        int edge = Math.toIntExact(weight.size(2));
        List<String> inputs = new ArrayList<>(List.of(x, graph.weight(weight)));
        bias.ifPresent(b -> inputs.add(graph.weight(b)));
        return graph.node(
                "Conv",
                inputs,
                Attribute.list("kernel_shape", edge, edge, edge),
                Attribute.list("pads", padding, padding, padding, padding, padding, padding),
                Attribute.list("strides", stride, stride, stride));
    }
}
