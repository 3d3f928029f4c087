package dev.preceptor.network;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** Vectors along the second axis of a tensor, divided by their L2 norms. */
public final class UnitVectors {
    private UnitVectors() {}

    /**
     * The vectors divided by their norms. A shorter vector than {@code minimum} is divided by that, and its norm has no gradient.
     *
     * @param vectors [B, C, ...]
     * @param minimum above 0
     */
    public static Tensor of(Tensor vectors, double minimum) {
        Tensor squares = vectors.square().sum(new long[] {1}, true, new ScalarTypeOptional());
        return vectors.div(squares.clamp_min(new Scalar(minimum * minimum)).sqrt());
    }
}
