package dev.preceptor.infer;

import dev.preceptor.tensor.Tensors;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Prediction of tiles in all 8 mirrorings of three axes, as nnU-Net does by default. Stateless. */
public final class Mirroring {
    private static final int MIRRORINGS = 8;

    private Mirroring() {}

    /**
     * The mean logits of tiles over the mirrorings, each moved back.
     *
     * @param tiles [B, C, X, Y, Z]
     * @param network maps tiles to logits [B, K, X, Y, Z]
     * @return [B, K, X, Y, Z], owned by the innermost scope
     */
    public static Tensor mean(Tensor tiles, UnaryOperator<Tensor> network) {
        return mean(tiles, network, logits -> {});
    }

    /** As above; the logits of each mirroring, moved back, are shown before they are added. */
    static Tensor mean(Tensor tiles, UnaryOperator<Tensor> network, Consumer<Tensor> each) {
        Tensor sum = null;
        for (int mirroring = 0; mirroring < MIRRORINGS; mirroring++) {
            long[] axes = axes(mirroring);
            Tensor logits = Tensors.scoped(() -> network.apply(tiles.flip(axes)).flip(axes));
            each.accept(logits);
            sum = sum == null ? logits : sum.add_(logits);
        }
        return sum.div_(new Scalar((double) MIRRORINGS));
    }

    /** The spatial axes of [B, C, X, Y, Z] that the bits of a number select. */
    private static long[] axes(int bits) {
        return LongStream.range(0, 3)
                .filter(axis -> (bits >> axis & 1) == 1)
                .map(axis -> axis + 2)
                .toArray();
    }
}
