package dev.preceptor.quality;

import java.util.function.DoubleUnaryOperator;

/**
 * A function of probabilities from 0 to 0.5 as a table over the upper half of the bits of a float, since logarithms and powers of all
 * voxels of an image take seconds. Linear between the entries, which are 1/128 apart or closer, relative to the probability.
 */
final class SmallProbabilities {
    private static final int LAST = Float.floatToRawIntBits(0.5f) >>> 16;

    private final float[] values = new float[LAST + 2];

    SmallProbabilities(DoubleUnaryOperator function) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) function.applyAsDouble(Float.intBitsToFloat(i << 16));
        }
    }

    /** The value at a probability of 0 to 0.5; what rounding has put below 0 counts as 0. */
    float at(float probability) {
        int bits = Float.floatToRawIntBits(Math.max(0f, probability));
        int entry = bits >>> 16;
        float fraction = (bits & 0xFFFF) / 65536f;
        return values[entry] + fraction * (values[entry + 1] - values[entry]);
    }
}
