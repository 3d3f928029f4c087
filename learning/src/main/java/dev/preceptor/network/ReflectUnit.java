package dev.preceptor.network;

import dev.preceptor.network.Tape.Value;
import java.util.List;
import java.util.Optional;

/**
 * A convolution with {@linkplain ReflectPad reflect padding} and without bias, InstanceNorm and LeakyReLU with slope 0.2: the unit of
 * RFNet and Robust-MSeg.
 */
final class ReflectUnit {
    static final double SLOPE = 0.2;

    private final ConvolutionOp conv;
    private final Optional<RecomputedOp> pad;
    private final NormActivation norm;

    /**
     * @param kernel edge of the kernel, odd
     * @param stride 1 or 2
     * @param isAffine whether the norm has scale and shift
     * @param slope {@link NormActivation#slope}
     */
    ReflectUnit(
            Parameters parameters,
            String name,
            int in,
            int out,
            int kernel,
            int stride,
            boolean isAffine,
            double slope) {
        conv = Layers.unpaddedConv(parameters, name + ".conv", in, out, kernel, stride, false);
        pad = kernel == 1 ? Optional.empty() : Optional.of(new ReflectPad(kernel));
        norm = isAffine
                ? Layers.groupNorm(parameters, name + ".norm", out, out, slope)
                : new NormActivation(out, Optional.empty(), slope);
    }

    /** InstanceNorm and LeakyReLU, which belong behind {@link #convolve}. */
    NormActivation norm() {
        return norm;
    }

    /** The output of the convolution, before the norm. */
    Value convolve(Tape tape, Value x) {
        return pad.map(padding -> tape.convolve(conv, padding, x)).orElseGet(() -> tape.convolve(conv, x));
    }

    /** The output of the convolution of {@code before(inputs)}, before the norm. */
    Value convolve(Tape tape, RecomputedOp before, Value... inputs) {
        return tape.convolve(conv, pad.map(before::then).orElse(before), inputs);
    }

    /** The output of the last of several units, one after the other, before its norm. */
    static Value convolve(Tape tape, List<ReflectUnit> units, RecomputedOp before, Value... inputs) {
        Value x = units.get(0).convolve(tape, before, inputs);
        for (int i = 1; i < units.size(); i++) {
            x = units.get(i).convolve(tape, units.get(i - 1).norm, x);
        }
        return x;
    }
}
