package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Pads one input [B, C, X, Y, Z] for a convolution, by reflection at the outermost voxels (PyTorch's {@code padding_mode} reflect). Where
 * the padding is wider than the image, it repeats the farthest voxel. For an even kernel one voxel more is added behind than before;
 * a convolution with stride 2 does not read it if the extent is even.
 *
 * @param kernel edge of the kernel of the convolution, in voxels
 */
record ReflectPad(int kernel) implements RecomputedOp {
    private static final int FIRST_AXIS = 2;

    private int before() {
        return (kernel - 1) / 2;
    }

    private int behind() {
        return kernel / 2;
    }

    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        long margin = kernel - 1L;
        // The order of channels-last tensors.
        Tensor padded = x.new_empty(x.size(0), x.size(2) + margin, x.size(3) + margin, x.size(4) + margin, x.size(1))
                .permute(0, 4, 1, 2, 3);
        inside(padded, x).copy_(x);
        for (int axis = FIRST_AXIS; axis < x.dim(); axis++) {
            long extent = x.size(axis);
            for (int j = 1; j <= behind(); j++) {
                long source = Math.min(j, extent - 1);
                if (j <= before()) {
                    slice(padded, axis, -j).copy_(slice(padded, axis, source));
                }
                slice(padded, axis, extent - 1 + j).copy_(slice(padded, axis, extent - 1 - source));
            }
        }
        return padded;
    }

    /** Adds the gradients of reflected voxels to those of their sources, in the order opposite to that of the padding. */
    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        Tensor x = inputs.get(0);
        return new Recomputation(
                () -> apply(inputs),
                gradient -> {
                    for (int axis = Math.toIntExact(x.dim()) - 1; axis >= FIRST_AXIS; axis--) {
                        long extent = x.size(axis);
                        for (int j = behind(); j >= 1; j--) {
                            long source = Math.min(j, extent - 1);
                            slice(gradient, axis, extent - 1 - source).add_(slice(gradient, axis, extent - 1 + j));
                            if (j <= before()) {
                                slice(gradient, axis, source).add_(slice(gradient, axis, -j));
                            }
                        }
                    }
                    return List.of(inside(gradient, x).clone());
                },
                true);
    }

    /** Unlike {@link #apply}, a graph needs images wider than the padding. */
    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        long before = before();
        long behind = behind();
        String pads = graph.integers(0, 0, before, before, before, 0, 0, behind, behind, behind);
        return graph.node("Pad", List.of(inputs.get(0), pads), Attribute.of("mode", "reflect"));
    }

    /** One layer of voxels of a padded tensor; index 0 is the first voxel inside. */
    private Tensor slice(Tensor padded, int axis, long index) {
        return padded.narrow(axis, before() + index, 1);
    }

    private Tensor inside(Tensor padded, Tensor x) {
        Tensor part = padded;
        for (int axis = FIRST_AXIS; axis < x.dim(); axis++) {
            part = part.narrow(axis, before(), x.size(axis));
        }
        return part;
    }
}
