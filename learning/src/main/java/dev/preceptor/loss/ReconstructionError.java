package dev.preceptor.loss;

import org.bytedeco.pytorch.Tensor;

/** How a reconstructed image is compared with the measured one; the mean over voxels. */
public enum ReconstructionError {
    /** The square of the difference (U-HVED). */
    SQUARED {
        @Override
        Tensor of(Tensor difference) {
            return difference.square().mean();
        }
    },
    /** Its absolute value (Robust-MSeg). */
    ABSOLUTE {
        @Override
        Tensor of(Tensor difference) {
            return difference.abs().mean();
        }
    };

    abstract Tensor of(Tensor difference);
}
