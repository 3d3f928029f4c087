package dev.preceptor.network;

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
    },
    /** Each voxel eight times. */
    NEAREST {
        @Override
        Tensor to(long[] extents, Tensor x) {
            return torch.upsample_nearest3d(x, extents);
        }
    };

    abstract Tensor to(long[] extents, Tensor x);

    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        return to(new long[] {2 * x.size(2), 2 * x.size(3), 2 * x.size(4)}, x);
    }
}
