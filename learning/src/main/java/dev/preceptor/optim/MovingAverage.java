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
 * The exponential moving average of the weights of a network over its training steps (Polyak and Juditsky, SIAM J. Control
 * Optim. 1992), computed as PyTorch's AveragedModel with get_ema_multi_avg_fn: after the first step the average equals the
 * weights; after each further step it is {@code decay * average + (1 - decay) * weights}. Not thread-safe.
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

    /**
     * @param weights weights of the network by name; this class reads them at each update
     * @param decay above 0 and below 1
     */
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

    /** Updates the average after a training step. */
    public void update() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            IValue averages = new IValue(averageList);
            IValue current = new IValue(weightList);
            if (steps == 0) {
                Operators.call("aten::_foreach_copy_", "", averages, current, new IValue(false));
            } else {
                Operators.call("aten::_foreach_lerp_", "Scalar", averages, current, new IValue(new Scalar(1 - decay)));
            }
        }
        steps++;
    }

    /** Swaps the weights of the network and the average without copying; a second call swaps them again. */
    public void exchange() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            weights.forEach((name, weight) -> {
                Tensor averaged = average.get(name);
                Tensor raw = weight.detach();
                weight.set_data(averaged);
                averaged.set_data(raw);
            });
        }
    }

    /** Adds copies of the average, named {@code ema/average/WEIGHT}, and of the number of steps, {@code ema/steps}. */
    public void save(Map<String, ArrayData> arrays) {
        average.forEach((name, tensor) -> arrays.put(PREFIX + "average/" + name, ArrayData.of(tensor)));
        try (PointerScope scope = new PointerScope()) {
            arrays.put(STEPS, ArrayData.of(Tensors.of(new long[] {steps}, 1)));
        }
    }

    /** Restores the state that {@link #save} added. */
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
