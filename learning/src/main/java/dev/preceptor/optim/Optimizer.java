package dev.preceptor.optim;

import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Operators;
import dev.preceptor.tensor.Tensors;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Updates the weights of one parameter group: accumulates gradients, then applies an {@link UpdateRule}. A weight without a
 * gradient is not updated and its step count does not change, as in PyTorch. The state consists of tensors by the names of
 * the weights, so that checkpoints are safetensors files. Not thread-safe.
 */
public final class Optimizer implements AutoCloseable {
    /** The value of PyTorch's clip_grad_norm_. */
    private static final double NORM_EPSILON = 1e-6;

    private final Map<String, Tensor> weights;
    private final UpdateRule rule;
    private final double clip;
    private final double startRate;
    private final Map<String, Map<String, Tensor>> moments = new LinkedHashMap<>();
    /** The step count of each weight, a float32 tensor of shape [1], which is exact up to 16.7 million. */
    private final Map<String, Tensor> steps = new LinkedHashMap<>();

    private TensorLists lists;
    private double learningRate;
    private int accumulated;

    /**
     * @param parameterGroup the weights, with their factor of the learning rate
     * @param settings the optimization block of a recipe
     * @throws dev.preceptor.base.InvalidRecipeException if the group has a beta1 of its own and the optimizer is not Adam
     */
    public Optimizer(ParameterGroup parameterGroup, Optimization settings) {
        this.weights = parameterGroup.weights();
        this.rule = UpdateRule.of(settings, parameterGroup);
        this.clip = settings.clip();
        this.startRate = settings.learningRate() * parameterGroup.rateFactor();
        this.learningRate = startRate;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            for (String moment : rule.moments()) {
                moments.put(moment, each(torch::zeros_like));
            }
            steps.putAll(each(weight -> torch.zeros(1).to(weight.device(), torch.ScalarType.Float)));
        }
        this.lists = new TensorLists(List.of());
    }

    private Map<String, Tensor> each(UnaryOperator<Tensor> stateOf) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        weights.forEach((name, weight) -> tensors.put(name, Tensors.keep(stateOf.apply(weight))));
        return tensors;
    }

    /**
     * Back-propagates losses into the weights. Each loss is computed after the backward pass of the loss before it. If this
     * is called several times before a step, the gradients are averaged over the calls.
     */
    public void backward(List<Supplier<LossTerm>> losses) {
        backward(losses, () -> {});
    }

    /**
     * Back-propagates losses into the weights and reports progress.
     *
     * @param onProgress called each time that gradients have been accumulated
     */
    public void backward(List<Supplier<LossTerm>> losses, Runnable onProgress) {
        if (accumulated == 0) {
            Tensors.clearGradients(weights.values());
        }
        losses.forEach(loss -> loss.get().backward(onProgress));
        accumulated++;
    }

    /**
     * Updates the weights with the accumulated gradients and clears them. If gradients are clipped and their norm is not
     * finite, the weights do not change.
     *
     * @return the L2 norm of the gradients before clipping; empty if the recipe does not clip
     */
    public OptionalDouble step() {
        OptionalDouble norm = OptionalDouble.empty();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            GenericList gradients = Operators.list();
            List<String> names = new ArrayList<>();
            weights.forEach((name, weight) -> {
                Tensor gradient = weight.grad();
                if (gradient.defined()) {
                    names.add(name);
                    Operators.add(gradients, withStridesOf(weight, gradient));
                }
            });
            if (!names.equals(lists.names)) {
                lists.close();
                lists = new TensorLists(names);
            }
            double factor = 1;
            if (clip > 0 && !names.isEmpty()) {
                norm = OptionalDouble.of(norm(gradients) / accumulated);
                factor = Math.min(1, clip / (norm.getAsDouble() + NORM_EPSILON));
            }
            if (!names.isEmpty() && Double.isFinite(norm.orElse(0))) {
                UpdateRule.Lists updated = lists.with(gradients);
                Operators.call(
                        "aten::_foreach_add_", "Scalar", new IValue(updated.steps()), new IValue(new Scalar(1.0)));
                rule.step(updated, learningRate, divisor(accumulated / factor));
            }
        }
        Tensors.clearGradients(weights.values());
        accumulated = 0;
        return norm;
    }

    /** The gradient with the strides of its weight, which fused kernels require. */
    private static Tensor withStridesOf(Tensor weight, Tensor gradient) {
        return gradient.strides().equals(weight.strides())
                ? gradient
                : torch.empty_like(weight).copy_(gradient);
    }

    /** The L2 norm over all elements of all gradients. */
    private static double norm(GenericList gradients) {
        TensorVector norms = Operators.call(
                        "aten::_foreach_norm",
                        "Scalar",
                        new IValue(gradients),
                        new IValue(new Scalar(2.0)),
                        new IValue())
                .get(0)
                .toTensorVector();
        return torch.stack(norms, 0).norm().item().toDouble();
    }

    /** The divisor of the gradients for the fused kernel: a float32 tensor of shape [1], or none for 1. */
    private IValue divisor(double number) {
        if (number == 1) {
            return new IValue();
        }
        Tensor weight = weights.values().iterator().next();
        return new IValue(torch.ones(1).mul(new Scalar(number)).to(weight.device(), torch.ScalarType.Float));
    }

    /** The learning rate of this parameter group before the schedule. */
    public double startRate() {
        return startRate;
    }

    /** The current learning rate. */
    public double learningRate() {
        return learningRate;
    }

    /** Sets the learning rate of the next steps. */
    public void setLearningRate(double rate) {
        learningRate = rate;
    }

    /**
     * Adds copies of the moments, named {@code PREFIX/MOMENT/WEIGHT}, and of the step counts in the order of the weights,
     * {@code PREFIX/steps}.
     */
    public void save(String prefix, Map<String, ArrayData> arrays) {
        moments.forEach((moment, tensors) -> tensors.forEach(
                (name, tensor) -> arrays.put(prefix + "/" + moment + "/" + name, ArrayData.of(tensor))));
        try (PointerScope scope = new PointerScope()) {
            long[] counts = steps.values().stream()
                    .mapToLong(step -> step.item().toLong())
                    .toArray();
            arrays.put(prefix + "/steps", ArrayData.of(Tensors.of(counts, counts.length)));
        }
    }

    /**
     * Restores the state that {@link #save} added.
     *
     * @param rate the learning rate
     */
    public void restore(String prefix, Map<String, ArrayData> arrays, double rate) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            moments.forEach((moment, tensors) -> tensors.forEach((name, tensor) ->
                    tensor.copy_(arrays.get(prefix + "/" + moment + "/" + name).toTensor())));
            LongBuffer counts = arrays.get(prefix + "/steps").bytes().asLongBuffer();
            steps.values().forEach(step -> step.fill_(new Scalar((double) counts.get())));
        }
        learningRate = rate;
    }

    @Override
    public void close() {
        lists.close();
        moments.values().stream().map(Map::values).flatMap(Collection::stream).forEach(Tensors::release);
        steps.values().forEach(Tensors::release);
    }

    /** Native lists for the weights that have a gradient; reused while these weights are the same. */
    private final class TensorLists implements AutoCloseable {
        private final List<String> names;
        private final GenericList weightList;
        private final List<GenericList> momentLists;
        private final GenericList stepList;

        TensorLists(List<String> names) {
            this.names = names;
            try (PointerScope scope = new PointerScope()) {
                this.weightList = list(weights);
                this.momentLists = moments.values().stream().map(this::list).toList();
                this.stepList = list(steps);
            }
        }

        private GenericList list(Map<String, Tensor> tensors) {
            return Tensors.keep(Operators.list(names.stream().map(tensors::get).toList()));
        }

        UpdateRule.Lists with(GenericList gradients) {
            return new UpdateRule.Lists(weightList, gradients, momentLists, stepList);
        }

        @Override
        public void close() {
            Tensors.release(weightList);
            momentLists.forEach(Tensors::release);
            Tensors.release(stepList);
        }
    }
}
