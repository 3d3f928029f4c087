package dev.preceptor.train;

import dev.preceptor.network.Parameters;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam (Kingma and Ba, ICLR 2015) as PyTorch computes it: bias-corrected, eps 1e-8 outside the square root, weight decay as
 * L2 in the gradient. Its state is plain tensors by the names of the weights, so that checkpoints are safetensors files.
 */
final class Adam implements AutoCloseable {
    private static final double EPSILON = 1e-8;

    private final Parameters parameters;
    private final double beta1;
    private final double beta2;
    private final double weightDecay;
    private final Map<String, Tensor> first = new LinkedHashMap<>();
    private final Map<String, Tensor> second = new LinkedHashMap<>();
    private double learningRate;
    private long steps;

    Adam(Parameters parameters, Optimization settings) {
        this.parameters = parameters;
        this.beta1 = settings.beta1();
        this.beta2 = settings.beta2();
        this.weightDecay = settings.weightDecay();
        this.learningRate = settings.learningRate();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            parameters.asMap().forEach((name, weight) -> {
                first.put(name, Tensors.keep(torch.zeros_like(weight)));
                second.put(name, Tensors.keep(torch.zeros_like(weight)));
            });
        }
    }

    /** Back-propagates a loss into the weights and takes one step. */
    void minimise(Tensor loss) {
        parameters.clearGradients();
        loss.backward();
        steps++;
        double correction1 = 1 - Math.pow(beta1, steps);
        double correction2 = Math.sqrt(1 - Math.pow(beta2, steps));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Scalar step = new Scalar(-learningRate / correction1);
            Scalar root = new Scalar(correction2);
            Scalar epsilon = new Scalar(EPSILON);
            Scalar fade1 = new Scalar(1 - beta1);
            Scalar keep2 = new Scalar(beta2);
            Scalar fade2 = new Scalar(1 - beta2);
            Scalar decay = new Scalar(weightDecay);
            parameters.asMap().forEach((name, weight) -> {
                Tensor gradient = weight.grad();
                if (!gradient.defined()) {
                    return;
                }
                if (weightDecay > 0) {
                    gradient = gradient.add(weight, decay);
                }
                Tensor mean = first.get(name).lerp_(gradient, fade1);
                Tensor square = second.get(name).mul_(keep2).addcmul_(gradient, gradient, fade2);
                weight.addcdiv_(mean, square.sqrt().div_(root).add_(epsilon), step);
            });
        }
        parameters.clearGradients();
    }

    double learningRate() {
        return learningRate;
    }

    void setLearningRate(double rate) {
        learningRate = rate;
    }

    long steps() {
        return steps;
    }

    /** Adds copies of the moments, named {@code prefix/first/weight} and {@code prefix/second/weight}. */
    void save(String prefix, Map<String, ArrayData> arrays) {
        first.forEach((name, tensor) -> arrays.put(prefix + "/first/" + name, ArrayData.of(tensor)));
        second.forEach((name, tensor) -> arrays.put(prefix + "/second/" + name, ArrayData.of(tensor)));
    }

    /** Takes over what {@link #save} wrote. */
    void restore(String prefix, Map<String, ArrayData> arrays, long stepsTaken, double rate) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            first.forEach((name, tensor) ->
                    tensor.copy_(arrays.get(prefix + "/first/" + name).toTensor()));
            second.forEach((name, tensor) ->
                    tensor.copy_(arrays.get(prefix + "/second/" + name).toTensor()));
        }
        steps = stepsTaken;
        learningRate = rate;
    }

    @Override
    public void close() {
        first.values().forEach(Tensors::release);
        second.values().forEach(Tensors::release);
    }
}
