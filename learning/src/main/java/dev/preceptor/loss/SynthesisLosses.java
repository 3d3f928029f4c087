package dev.preceptor.loss;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Losses between synthesised and real images, [B, K, X, Y, Z] each: the absolute error within the head, and the structural similarity
 * (Wang, Bovik, Sheikh, Simoncelli, IEEE Transactions on Image Processing 13(4), 2004) with cubic windows of equal weights.
 */
public final class SynthesisLosses {
    private static final int WINDOW = 7;
    private static final double K1 = 0.01;
    private static final double K2 = 0.03;
    private static final long[] SPATIAL = {2, 3, 4};

    private SynthesisLosses() {}

    /**
     * The mean absolute error over the voxels of which the real image is not zero; the mean over images. An image that is zero
     * throughout counts as 0.
     */
    public static Tensor absoluteError(Tensor synthesised, Tensor real) {
        Tensor mask = real.ne(new Scalar(0.0)).to(real.scalar_type());
        Tensor errors = synthesised.sub(real).abs().mul(mask);
        Tensor voxels = sum(mask).clamp_min(new Scalar(1.0));
        return sum(errors).div(voxels).mean();
    }

    /**
     * The structural similarity, at most 1: the mean over all windows of 7 voxels a side that lie in the patch (fewer along an axis
     * that is shorter), with population variances and C_i = (k_i L)^2, k_1 = 0.01, k_2 = 0.03, where L is the range of the real
     * image in the patch, at least 1.
     */
    public static Tensor similarity(Tensor synthesised, Tensor real) {
        Tensor range;
        try (NoGradGuard guard = new NoGradGuard()) {
            range = real.amax(SPATIAL, true).sub(real.amin(SPATIAL, true)).clamp_min(new Scalar(1.0));
        }
        Tensor c1 = range.mul(new Scalar(K1)).square();
        Tensor c2 = range.mul(new Scalar(K2)).square();
        Tensor meanX = windowMean(synthesised);
        Tensor meanY = windowMean(real);
        Tensor product = meanX.mul(meanY);
        Tensor squares = meanX.square().add(meanY.square());
        Tensor covariance = windowMean(synthesised.mul(real)).sub(product);
        Tensor variances = windowMean(synthesised.square().add(real.square())).sub(squares);
        Scalar two = new Scalar(2.0);
        return product.mul(two)
                .add(c1)
                .mul(covariance.mul(two).add(c2))
                .div(squares.add(c1).mul(variances.add(c2)))
                .mean();
    }

    private static Tensor sum(Tensor images) {
        return images.sum(SPATIAL, false, new ScalarTypeOptional());
    }

    /** The mean over the windows, one axis after the other, which is 16 times less work than a cube of 7 voxels a side. */
    private static Tensor windowMean(Tensor images) {
        Tensor mean = images;
        for (int axis = 0; axis < 3; axis++) {
            long[] kernel = {1, 1, 1};
            kernel[axis] = Math.min(WINDOW, images.size(2 + axis));
            mean = torch.avg_pool3d(
                    mean, kernel, new long[] {1, 1, 1}, new long[] {0, 0, 0}, false, true, new LongOptional());
        }
        return mean;
    }
}
