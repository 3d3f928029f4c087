package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How fresh weights are drawn (methods.md 8.1). Weights of norms stay 1, their shifts 0. */
public enum Initialisation {
    /** Normal with variance 2 / fan-in, corrected for LeakyReLU; zero bias. As nnU-Net, and as networks are built here. */
    HE_NORMAL {
        @Override
        void redraw(Tensor weight, Tensor bias) {
            // A network is built with these.
        }
    },
    /** Normal with variance 2 / (fan-in + fan-out); bias uniform within 1 / sqrt(fan-in), as a PyTorch layer leaves it. */
    XAVIER_NORMAL {
        @Override
        void redraw(Tensor weight, Tensor bias) {
            normal(weight, Math.sqrt(2 / (fanIn(weight) + fanOut(weight))));
            uniform(bias, 1 / Math.sqrt(fanIn(weight)));
        }
    },
    /** PyTorch's default: Kaiming-uniform with a = sqrt(5), that is weight and bias uniform within 1 / sqrt(fan-in). */
    PYTORCH {
        @Override
        void redraw(Tensor weight, Tensor bias) {
            double bound = 1 / Math.sqrt(fanIn(weight));
            uniform(weight, bound);
            uniform(bias, bound);
        }
    };

    abstract void redraw(Tensor weight, Tensor bias);

    /** Draws all weights of convolutions and linear maps anew, in the order of their declaration. */
    public void apply(Parameters parameters, long seed) {
        torch.manual_seed(seed);
        Map<String, Tensor> tensors = parameters.asMap();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            tensors.forEach((name, weight) -> {
                if (weight.dim() > 1) {
                    redraw(weight, tensors.get(name.replaceAll("weight$", "bias")));
                }
            });
        }
    }

    /** As PyTorch counts it from the shape, for transposed convolutions too. */
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
