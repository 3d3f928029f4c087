package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Upsamples one input [B, C, X, Y, Z] to [B, C, 2X, 2Y, 2Z]. */
enum Upsample implements RecomputedOp {
    /** Trilinear with {@code align_corners} true: the outermost voxels keep their values. */
    ALIGNED {
        @Override
        Tensor to(long[] extents, Tensor x) {
            return torch.upsample_trilinear3d(x, extents, true);
        }

        @Override
        public String export(OnnxGraph graph, List<String> inputs) {
            return doubled(
                    graph,
                    inputs.get(0),
                    Attribute.of("mode", "linear"),
                    Attribute.of("coordinate_transformation_mode", "align_corners"));
        }
    },
    /** Each voxel eight times. */
    NEAREST {
        @Override
        Tensor to(long[] extents, Tensor x) {
            return torch.upsample_nearest3d(x, extents);
        }

        @Override
        public String export(OnnxGraph graph, List<String> inputs) {
            return doubled(
                    graph,
                    inputs.get(0),
                    Attribute.of("mode", "nearest"),
                    Attribute.of("coordinate_transformation_mode", "asymmetric"),
                    Attribute.of("nearest_mode", "floor"));
        }
    };

    abstract Tensor to(long[] extents, Tensor x);

    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        return to(new long[] {2 * x.size(2), 2 * x.size(3), 2 * x.size(4)}, x);
    }

    /** A node that doubles the spatial extents. */
    static String doubled(OnnxGraph graph, String x, Attribute... interpolation) {
        // The second input is a region of interest, which no mode in use here has.
        String scales = graph.numbers(new float[] {1, 1, 2, 2, 2}, 5);
        return graph.node("Resize", List.of(x, "", scales), interpolation);
    }
}
