package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The distribution of fresh weights. Norms start with scale 1 and shift 0. */
public enum Initialisation {
    /**
     * Normal with variance 2 / ((1 + 0.01^2) fan-in) (He et al., ICCV 2015, for LeakyReLU 0.01), zero bias; as in nnU-Net.
     * This is how {@link Layers} draws weights.
     */
    HE_NORMAL {
        @Override
        void redraw(Tensor weight, Optional<Tensor> bias) {
            // Layers has drawn these weights already.
        }
    },
    /**
     * Normal with variance 2 / (fan-in + fan-out) (Glorot and Bengio, AISTATS 2010); biases uniform within 1 / sqrt(fan-in),
     * PyTorch's default.
     */
    XAVIER_NORMAL {
        @Override
        void redraw(Tensor weight, Optional<Tensor> bias) {
            normal(weight, Math.sqrt(2 / (fanIn(weight) + fanOut(weight))));
            bias.ifPresent(b -> uniform(b, 1 / Math.sqrt(fanIn(weight))));
        }
    },
    /** PyTorch's default: weights and biases uniform within 1 / sqrt(fan-in). */
    PYTORCH {
        @Override
        void redraw(Tensor weight, Optional<Tensor> bias) {
            double bound = 1 / Math.sqrt(fanIn(weight));
            uniform(weight, bound);
            bias.ifPresent(b -> uniform(b, bound));
        }
    };

    abstract void redraw(Tensor weight, Optional<Tensor> bias);

    /**
     * Redraws all weights of convolutions and linear maps, in the order of their declaration; the same seed gives the same
     * weights.
     */
    public void apply(Parameters parameters, long seed) {
        torch.manual_seed(seed);
        Map<String, Tensor> tensors = parameters.asMap();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            tensors.forEach((name, weight) -> {
                if (weight.dim() > 1) {
                    redraw(weight, Optional.ofNullable(tensors.get(name.replaceAll("weight$", "bias"))));
                }
            });
        }
    }

    /** PyTorch's fan-in, from the shape alone; it applies to transposed convolutions too. */
    private static double fanIn(Tensor weight) {
        return weight.size(1) * kernel(weight);
    }

    private static double fanOut(Tensor weight) {
        return weight.size(0) * kernel(weight);
    }

    private static double kernel(Tensor weight) {
        return Arrays.stream(Tensors.shape(weight)).skip(2).reduce(1, (a, b) -> a * b);
    }

    private static void normal(Tensor tensor, double deviation) {
        tensor.copy_(torch.randn(Tensors.shape(tensor)).mul(new Scalar(deviation)));
    }

    private static void uniform(Tensor tensor, double bound) {
        tensor.copy_(
                torch.rand(Tensors.shape(tensor)).mul(new Scalar(2 * bound)).sub(new Scalar(bound)));
    }
}
