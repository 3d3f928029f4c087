package dev.preceptor.optim;

import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Operators;
import dev.preceptor.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The exponential moving average of a network's weights over the steps of its training (Polyak averaging as PyTorch's
 * AveragedModel with get_ema_multi_avg_fn): the weights after the first step, then decay times itself plus 1 - decay times
 * the weights after each. For one thread.
 */
public final class MovingAverage implements AutoCloseable {
    private static final String PREFIX = "ema/";
    private static final String STEPS = "ema/steps";

    private final Map<String, Tensor> weights;
    private final double decay;
    private final Map<String, Tensor> average = new LinkedHashMap<>();
    private final GenericList weightList;
    private final GenericList averageList;
    private long steps;

    /** @param decay above 0, below 1 */
    public MovingAverage(Map<String, Tensor> weights, double decay) {
        this.weights = weights;
        this.decay = decay;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            weights.forEach((name, weight) ->
                    average.put(name, Tensors.keep(weight.detach().clone())));
            this.weightList = Tensors.keep(Operators.list(weights.values()));
            this.averageList = Tensors.keep(Operators.list(average.values()));
        }
    }

    /** The weights have taken a step. */
    public void update() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            IValue mine = new IValue(averageList);
            IValue theirs = new IValue(weightList);
            if (steps == 0) {
                Operators.call("aten::_foreach_copy_", "", mine, theirs, new IValue(false));
            } else {
                Operators.call("aten::_foreach_lerp_", "Scalar", mine, theirs, new IValue(new Scalar(1 - decay)));
            }
        }
        steps++;
    }

    /** The network takes on the average, and this takes on its weights, without copying; a second time undoes it. */
    public void exchange() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            weights.forEach((name, weight) -> {
                Tensor own = average.get(name);
                Tensor raw = weight.detach();
                weight.set_data(own);
                own.set_data(raw);
            });
        }
    }

    /** Adds copies of the average, named {@code ema/average/weight}, and of the number of steps. */
    public void save(Map<String, ArrayData> arrays) {
        average.forEach((name, tensor) -> arrays.put(PREFIX + "average/" + name, ArrayData.of(tensor)));
        try (PointerScope scope = new PointerScope()) {
            arrays.put(STEPS, ArrayData.of(Tensors.of(new long[] {steps}, 1)));
        }
    }

    /** Takes over what {@link #save} wrote. */
    public void restore(Map<String, ArrayData> arrays) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            average.forEach((name, tensor) ->
                    tensor.copy_(arrays.get(PREFIX + "average/" + name).toTensor()));
        }
        steps = arrays.get(STEPS).bytes().asLongBuffer().get(0);
    }

    @Override
    public void close() {
        Tensors.release(weightList);
        Tensors.release(averageList);
        average.values().forEach(Tensors::release);
    }
}
