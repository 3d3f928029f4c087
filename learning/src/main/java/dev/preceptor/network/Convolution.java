package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.BoolPointer;
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
        Tensor cast = weight.to(x.scalar_type());
        TensorOptional castBias =
                bias.map(b -> new TensorOptional(b.to(x.scalar_type()))).orElseGet(TensorOptional::new);
        return usesOneDnn(x)
                ? torch.mkldnn_convolution(x, cast, castBias, paddings(), strides(), ONE, 1)
                : torch.conv3d(x, cast, castBias, strides(), paddings(), ONE, 1);
    }

    @Override
    public Tensor backward(Tensor gradient, Tensor x, boolean inputRequiresGrad) {
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
