package dev.preceptor.network;

import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** The mean over blocks of voxels. CUDA's average pooling has no deterministic backward pass, a mean has. */
public final class BlockMean {
    private BlockMean() {}

    /**
     * The means over blocks of a tensor [B, C, X, Y, Z].
     *
     * @param x edge of a block along X in voxels, a divisor of the extent
     * @param y edge along Y
     * @param z edge along Z
     * @return [B, C, X/x, Y/y, Z/z]
     */
    public static Tensor over(Tensor tensor, long x, long y, long z) {
        return tensor.reshape(
                        tensor.size(0),
                        tensor.size(1),
                        tensor.size(2) / x,
                        x,
                        tensor.size(3) / y,
                        y,
                        tensor.size(4) / z,
                        z)
                .mean(new long[] {3, 5, 7}, false, new ScalarTypeOptional());
    }
}
