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
 * Trains the weights of one learner: gathers gradients, then takes a step by an {@link UpdateRule}. A weight that no loss
 * reached takes no step and counts none, as in PyTorch. What it remembers is plain tensors by the names of the weights, so
 * that checkpoints are safetensors files. For one thread.
 */
public final class Optimizer implements AutoCloseable {
    /** As PyTorch's clip_grad_norm_. */
    private static final double NORM_EPSILON = 1e-6;

    private final Map<String, Tensor> weights;
    private final UpdateRule rule;
    private final double clip;
    private final double startRate;
    private final Map<String, Map<String, Tensor>> moments = new LinkedHashMap<>();
    /** Steps that each weight took, each a float32 tensor with one number, which is exact up to 16.7 million. */
    private final Map<String, Tensor> steps = new LinkedHashMap<>();

    private Reached reached;
    private double learningRate;
    private int gathered;

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
        this.reached = new Reached(List.of());
    }

    private Map<String, Tensor> each(UnaryOperator<Tensor> made) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        weights.forEach((name, weight) -> tensors.put(name, Tensors.keep(made.apply(weight))));
        return tensors;
    }

    /**
     * Back-propagates losses into the weights, each made when the one before is done with. Called several times before a
     * step, their gradients are averaged over the calls.
     */
    public void backward(List<Supplier<LossTerm>> losses) {
        backward(losses, () -> {});
    }

    /**
     * The same, telling how it goes on.
     *
     * @param onProgress told whenever gradients have been added to
     */
    public void backward(List<Supplier<LossTerm>> losses, Runnable onProgress) {
        if (gathered == 0) {
            Tensors.clearGradients(weights.values());
        }
        losses.forEach(loss -> loss.get().backward(onProgress));
        gathered++;
    }

    /**
     * Takes one step down the gradients, which are complete, and forgets them. Gradients that are not finite move nothing.
     *
     * @return the norm of the gradients before they were clipped; nothing if they are not to be clipped
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
                    Operators.add(gradients, laidOutAs(weight, gradient));
                }
            });
            if (!names.equals(reached.names)) {
                reached.close();
                reached = new Reached(names);
            }
            double share = 1;
            if (clip > 0 && !names.isEmpty()) {
                norm = OptionalDouble.of(norm(gradients) / gathered);
                share = Math.min(1, clip / (norm.getAsDouble() + NORM_EPSILON));
            }
            if (!names.isEmpty() && Double.isFinite(norm.orElse(0))) {
                UpdateRule.Lists lists = reached.with(gradients);
                Operators.call("aten::_foreach_add_", "Scalar", new IValue(lists.steps()), new IValue(new Scalar(1.0)));
                rule.step(lists, learningRate, divisor(gathered / share));
            }
        }
        Tensors.clearGradients(weights.values());
        gathered = 0;
        return norm;
    }

    /** Fused kernels walk through memory: the numbers of a gradient must lie there as those of its weight do. */
    private static Tensor laidOutAs(Tensor weight, Tensor gradient) {
        return gradient.strides().equals(weight.strides())
                ? gradient
                : torch.empty_like(weight).copy_(gradient);
    }

    /** Over all numbers of all gradients. */
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

    /** What the gradients are divided by as they are read, or none. */
    private IValue divisor(double number) {
        if (number == 1) {
            return new IValue();
        }
        Tensor weight = weights.values().iterator().next();
        return new IValue(torch.ones(1).mul(new Scalar(number)).to(weight.device(), torch.ScalarType.Float));
    }

    /** The rate that the recipe gives to these weights, before any schedule. */
    public double startRate() {
        return startRate;
    }

    public double learningRate() {
        return learningRate;
    }

    public void setLearningRate(double rate) {
        learningRate = rate;
    }

    /**
     * Adds copies of the moments, named {@code prefix/moment/weight}, and of the steps of the weights in their order,
     * {@code prefix/steps}.
     */
    public void save(String prefix, Map<String, ArrayData> arrays) {
        moments.forEach((moment, tensors) -> tensors.forEach(
                (name, tensor) -> arrays.put(prefix + "/" + moment + "/" + name, ArrayData.of(tensor))));
        try (PointerScope scope = new PointerScope()) {
            long[] taken = steps.values().stream()
                    .mapToLong(step -> step.item().toLong())
                    .toArray();
            arrays.put(prefix + "/steps", ArrayData.of(Tensors.of(taken, taken.length)));
        }
    }

    /** Takes over what {@link #save} wrote. */
    public void restore(String prefix, Map<String, ArrayData> arrays, double rate) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            moments.forEach((moment, tensors) -> tensors.forEach((name, tensor) ->
                    tensor.copy_(arrays.get(prefix + "/" + moment + "/" + name).toTensor())));
            LongBuffer taken = arrays.get(prefix + "/steps").bytes().asLongBuffer();
            steps.values().forEach(step -> step.fill_(new Scalar((double) taken.get())));
        }
        learningRate = rate;
    }

    @Override
    public void close() {
        reached.close();
        moments.values().stream().map(Map::values).flatMap(Collection::stream).forEach(Tensors::release);
        steps.values().forEach(Tensors::release);
    }

    /** The native lists of the weights that the last losses reached; nearly always the same, so they are kept. */
    private final class Reached implements AutoCloseable {
        private final List<String> names;
        private final GenericList weightList;
        private final List<GenericList> momentLists;
        private final GenericList stepList;

        Reached(List<String> names) {
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
