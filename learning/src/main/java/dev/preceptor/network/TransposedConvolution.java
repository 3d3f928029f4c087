package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * A transposed convolution with kernel 2 and stride 2: [B, in, X, Y, Z] to [B, out, 2X, 2Y, 2Z]. Kernels do not overlap, so
 * it is one matrix product and a permutation.
 *
 * @param weight [in, out, 2, 2, 2]
 * @param bias [out]
 */
public record TransposedConvolution(Tensor weight, Tensor bias) implements ConvolutionOp {
    @Override
    public Tensor apply(Tensor x) {
        return GradMode.is_enabled() ? whole(x) : bySlabs(x);
    }

    private Tensor bySlabs(Tensor x) {
        return JoiningOp.join(List.of(of(x)), x, x.size(0), 2 * x.size(2), 2 * x.size(3), 2 * x.size(4));
    }

    /** The output for an input, as a part of a concatenation. */
    JoiningOp.Part of(Tensor x) {
        return new JoiningOp.Part() {
            @Override
            public long channels() {
                return out();
            }

            @Override
            public void writeTo(Tensor target) {
                write(x, target);
            }
        };
    }

    /** Writes one slab of the output after the other to its place. */
    private void write(Tensor x, Tensor result) {
        long[] extents = {x.size(2), x.size(3), x.size(4)};
        Tensor places = result.permute(0, 2, 3, 4, 1)
                .view(x.size(0), extents[0], 2, extents[1], 2, extents[2], 2, out())
                .permute(0, 1, 3, 5, 2, 4, 6, 7);
        Tensor matrix = matrix(x);
        Tensor shift = bias.to(x.scalar_type());
        new Slabs(extents[0], Math.max(1, Slabs.of(result).rows() / 2)).forEach((first, slab) -> {
            Tensor eight = Tensors.voxelsByChannels(x.narrow(2, first, slab)).matmul(matrix);
            places.narrow(1, first, slab)
                    .copy_(eight.view(x.size(0), slab, extents[1], extents[2], 2, 2, 2, out())
                            .add_(shift));
        });
    }

    private Tensor whole(Tensor x) {
        Tensor eight = Tensors.voxelsByChannels(x).matmul(matrix(x));
        long[] shape = {x.size(0), x.size(2), x.size(3), x.size(4), 2, 2, 2, out()};
        return eight.view(shape)
                .permute(0, 1, 4, 2, 5, 3, 6, 7)
                .add(bias.to(x.scalar_type()))
                .reshape(x.size(0), 2 * x.size(2), 2 * x.size(3), 2 * x.size(4), out())
                .permute(0, 4, 1, 2, 3);
    }

    @Override
    public Tensor backward(Tensor gradient, Tensor x, boolean inputRequiresGrad) {
        Tensor eight = gradient.permute(0, 2, 3, 4, 1)
                .reshape(x.size(0), x.size(2), 2, x.size(3), 2, x.size(4), 2, out())
                .permute(0, 1, 3, 5, 2, 4, 6, 7)
                .reshape(-1, 8 * out());
        Tensor matrix = Tensors.voxelsByChannels(x).t().matmul(eight);
        Tensors.addGradient(weight, matrix.view(x.size(1), 2, 2, 2, out()).permute(0, 4, 1, 2, 3));
        Tensors.addGradient(bias, eight.sum(0).view(8, out()).sum(0));
        return inputRequiresGrad
                ? Tensors.channelsLast(eight.matmul(matrix(x).t()), x.size(0), x.size(2), x.size(3), x.size(4))
                : new Tensor();
    }

    /** [in, 8 out]: the columns are ordered by kernel position, then output channel. */
    private Tensor matrix(Tensor x) {
        return weight.to(x.scalar_type()).permute(0, 2, 3, 4, 1).reshape(weight.size(0), 8 * out());
    }

    private long out() {
        return bias.size(0);
    }

    @Override
    public String export(OnnxGraph graph, String x) {
        return graph.node(
                "ConvTranspose",
                List.of(x, graph.weight(weight), graph.weight(bias)),
                Attribute.list("kernel_shape", 2, 2, 2),
                Attribute.list("strides", 2, 2, 2));
    }
}
