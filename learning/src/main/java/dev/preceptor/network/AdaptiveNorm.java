package dev.preceptor.network;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adaptive InstanceNorm (Huang and Belongie, ICCV 2017, arXiv 1703.06868): InstanceNorm of the first input [B, C, X, Y, Z] with scale and
 * shift of each sample, the two halves of the second input [B, 2C]; optionally followed by LeakyReLU.
 *
 * @param slope {@link NormActivation#slope}
 */
record AdaptiveNorm(double slope) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        Tensor style = inputs.get(1);
        long channels = x.size(1);
        NormActivation norm = new NormActivation(Math.toIntExact(channels), Optional.empty(), NormActivation.LINEAR);
        Tensor y = norm.apply(List.of(x))
                .mul(Layers.perChannel(style.narrow(1, 0, channels)))
                .add(Layers.perChannel(style.narrow(1, channels, channels)));
        return slope == NormActivation.LINEAR ? y : torch.leaky_relu(y, new Scalar(slope));
    }
}
