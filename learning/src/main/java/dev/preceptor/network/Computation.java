package dev.preceptor.network;

import org.bytedeco.pytorch.global.torch;

/**
 * How a network computes; the {@code compute} block of a recipe. It changes results by rounding only.
 *
 * @param precision of convolutions and of stored tensors; norms, activations and losses are always float32
 * @param recompute what the backward pass computes again to save memory
 * @param convolutions the algorithm of 3x3x3 convolutions
 */
public record Computation(Precision precision, Recompute recompute, Convolutions convolutions) {
    /** float32 and direct convolutions; only cheap operations are computed again. */
    public static final Computation PLAIN = new Computation(Precision.FLOAT32, Recompute.NOTHING, Convolutions.DIRECT);

    /**
     * Of models: float32 and Winograd's convolutions. Probabilities differ from those of {@link #PLAIN} by rounding, 3e-5 where
     * that was measured (docs/decisions/028).
     */
    public static final Computation PREDICTION =
            new Computation(Precision.FLOAT32, Recompute.NOTHING, Convolutions.WINOGRAD);

    /** The floating-point type of convolutions. */
    public enum Precision {
        FLOAT32,
        /** float32 whose products an NVIDIA GPU rounds to ten bits of mantissa; FLOAT32 elsewhere. */
        TF32,
        /** Half the memory of FLOAT32 and several times its speed on tensor cores; about three decimal digits. */
        BFLOAT16;

        torch.ScalarType type() {
            return this == BFLOAT16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float;
        }
    }

    /** What the backward pass computes again. */
    public enum Recompute {
        /** Only norms, activations, pooling, upsampling and attention, which cost little. */
        NOTHING,
        /** Whole stages (activation checkpointing, Chen et al. 2016, arXiv 1604.06174): a third more time. */
        STAGES
    }

    /** The algorithm of 3x3x3 convolutions with stride 1. */
    public enum Convolutions {
        /** That of libtorch. */
        DIRECT,
        /**
         * Winograd's minimal filtering along one axis (docs/decisions/028): half of the products, for float32 on a CPU and shapes
         * with enough channels and voxels; {@link #DIRECT} elsewhere. The choice depends on shapes alone.
         */
        WINOGRAD
    }

    /** This computation with another choice of what is computed again. */
    public Computation withRecompute(Recompute other) {
        return new Computation(precision, other, convolutions);
    }
}
