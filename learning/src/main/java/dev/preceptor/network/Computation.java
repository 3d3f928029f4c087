package dev.preceptor.network;

import org.bytedeco.pytorch.global.torch;

/**
 * How a network computes; the {@code compute} block of a recipe. None of it changes what is computed beyond rounding.
 *
 * @param precision of convolutions and of what is kept between them; norms, activations and losses are float32 always
 * @param recompute what is computed twice to save memory in training
 */
public record Computation(Precision precision, Recompute recompute) {
    /** float32, nothing computed twice but what is cheap. */
    public static final Computation PLAIN = new Computation(Precision.FLOAT32, Recompute.NOTHING);

    /** The floating type of convolutions. */
    public enum Precision {
        FLOAT32,
        /** float32 whose products an NVIDIA GPU rounds to ten bits of mantissa; as FLOAT32 elsewhere. */
        TF32,
        /** Half of the memory and, on a GPU with tensor cores, several times as fast; about three decimal digits. */
        BFLOAT16;

        torch.ScalarType type() {
            return this == BFLOAT16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float;
        }
    }

    /** What a training step computes a second time on its way back. */
    public enum Recompute {
        /** Norms, activations, upsampling and attention alone, which cost little. */
        NOTHING,
        /** Whole stages (activation checkpointing, Chen et al. 2016, arXiv 1604.06174): a third more time. */
        STAGES
    }

    /** The same with another choice of what is computed twice. */
    public Computation withRecompute(Recompute other) {
        return new Computation(precision, other);
    }
}
