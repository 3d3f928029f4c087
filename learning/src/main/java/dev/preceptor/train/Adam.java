package dev.preceptor.train;

import dev.preceptor.distill.Learner;
import dev.preceptor.distill.Objective;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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

    private final Map<String, Tensor> weights;
    private final double beta1;
    private final double beta2;
    private final double weightDecay;
    private final Map<String, Tensor> first = new LinkedHashMap<>();
    private final Map<String, Tensor> second = new LinkedHashMap<>();
    private double learningRate;
    /** Steps that each weight took; one that a loss did not reach takes none, as in PyTorch. */
    private final Map<String, Long> steps = new LinkedHashMap<>();

    Adam(Learner learner, Optimization settings) {
        this.weights = learner.weights();
        this.beta1 = learner.beta1().orElse(settings.beta1());
        this.beta2 = settings.beta2();
        this.weightDecay = settings.weightDecay();
        this.learningRate = settings.learningRate() * learner.rateFactor();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            weights.forEach((name, weight) -> {
                first.put(name, Tensors.keep(torch.zeros_like(weight)));
                second.put(name, Tensors.keep(torch.zeros_like(weight)));
                steps.put(name, 0L);
            });
        }
    }

    /** Back-propagates losses into the weights, each made when the one before is done with, and takes one step. */
    void minimise(List<Supplier<Objective>> objectives) {
        backward(objectives, () -> {});
        step();
    }

    /**
     * Back-propagates losses into the weights, each made when the one before is done with.
     *
     * @param onProgress told whenever gradients have been added to
     */
    void backward(List<Supplier<Objective>> objectives, Runnable onProgress) {
        Tensors.clearGradients(weights.values());
        objectives.forEach(objective -> objective.get().backward(onProgress));
    }

    /** Takes one step down the gradients and forgets them. */
    void step() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Scalar epsilon = new Scalar(EPSILON);
            Scalar fade1 = new Scalar(1 - beta1);
            Scalar keep2 = new Scalar(beta2);
            Scalar fade2 = new Scalar(1 - beta2);
            Scalar decay = new Scalar(weightDecay);
            weights.forEach((name, weight) -> {
                Tensor gradient = weight.grad();
                if (!gradient.defined()) {
                    return;
                }
                long step = steps.merge(name, 1L, Long::sum);
                Scalar rate = new Scalar(-learningRate / (1 - Math.pow(beta1, step)));
                Scalar root = new Scalar(Math.sqrt(1 - Math.pow(beta2, step)));
                if (weightDecay > 0) {
                    gradient = gradient.add(weight, decay);
                }
                Tensor mean = first.get(name).lerp_(gradient, fade1);
                Tensor square = second.get(name).mul_(keep2).addcmul_(gradient, gradient, fade2);
                weight.addcdiv_(mean, square.sqrt().div_(root).add_(epsilon), rate);
            });
        }
        Tensors.clearGradients(weights.values());
    }

    double learningRate() {
        return learningRate;
    }

    void setLearningRate(double rate) {
        learningRate = rate;
    }

    /**
     * Adds copies of the moments, named {@code prefix/first/weight} and {@code prefix/second/weight}, and of the steps of
     * the weights in their order, {@code prefix/steps}.
     */
    void save(String prefix, Map<String, ArrayData> arrays) {
        first.forEach((name, tensor) -> arrays.put(prefix + "/first/" + name, ArrayData.of(tensor)));
        second.forEach((name, tensor) -> arrays.put(prefix + "/second/" + name, ArrayData.of(tensor)));
        try (PointerScope scope = new PointerScope()) {
            long[] taken = steps.values().stream().mapToLong(Long::longValue).toArray();
            arrays.put(prefix + "/steps", ArrayData.of(Tensors.of(taken, taken.length)));
        }
    }

    /** Takes over what {@link #save} wrote. */
    void restore(String prefix, Map<String, ArrayData> arrays, double rate) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            first.forEach((name, tensor) ->
                    tensor.copy_(arrays.get(prefix + "/first/" + name).toTensor()));
            second.forEach((name, tensor) ->
                    tensor.copy_(arrays.get(prefix + "/second/" + name).toTensor()));
        }
        LongBuffer taken = arrays.get(prefix + "/steps").bytes().asLongBuffer();
        steps.replaceAll((name, none) -> taken.get());
        learningRate = rate;
    }

    @Override
    public void close() {
        first.values().forEach(Tensors::release);
        second.values().forEach(Tensors::release);
    }
}
