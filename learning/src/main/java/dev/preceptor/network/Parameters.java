package dev.preceptor.network;

import dev.preceptor.base.MismatchException;
import dev.preceptor.tensor.Tensors;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weights by name, in the order of their declaration. They outlive every scope, until {@link #close()}.
 */
public final class Parameters implements AutoCloseable {
    private final LinkedHashMap<String, Tensor> tensors = new LinkedHashMap<>();

    /**
     * Adds a weight that requires gradients.
     *
     * @param initial its values; the weight may take over this tensor
     *
     * @throws IllegalArgumentException if there is a weight of this name
     */
    public Tensor declare(String name, Tensor initial) {
        if (tensors.containsKey(name)) {
            throw new IllegalArgumentException("two weights have the name " + name);
        }
        StoredWeights.count(initial.numel());
        DeclaredWeights.report(this);
        // Inputs of convolutions are channels-last; a kernel in another layout would be reordered in every call.
        Tensor weight = initial.dim() == 5 ? initial.contiguous(torch.MemoryFormat.ChannelsLast3d) : initial;
        weight.set_requires_grad(true);
        tensors.put(name, Tensors.keep(weight));
        return weight;
    }

    /**
     * Adds all weights of others under further names. Both own them: a weight is freed when the last of both is closed.
     *
     * @param prefix of the names here
     * @throws IllegalArgumentException if there is a weight of such a name
     */
    void include(String prefix, Parameters part) {
        DeclaredWeights.report(this);
        part.tensors.forEach((name, weight) -> {
            if (tensors.putIfAbsent(prefix + name, weight) != null) {
                throw new IllegalArgumentException("two weights have the name " + prefix + name);
            }
            Tensors.keep(weight);
        });
    }

    /**
     * Makes weights the same as those of other parameters: from now on each such name stands for one tensor with one gradient in
     * both, to which the backward passes of all networks that use it add. Its memory is freed when both are closed. A parameter
     * group must contain it once.
     *
     * @param names of weights of both
     * @throws MismatchException if one of both lacks a weight, or it has another shape
     */
    public void tie(Collection<String> names, Parameters other) {
        for (String name : names) {
            Tensor own = tensors.get(name);
            Tensor theirs = other.tensors.get(name);
            if (own == null || theirs == null || !Arrays.equals(Tensors.shape(own), Tensors.shape(theirs))) {
                throw new MismatchException(
                        "the weight " + name + " cannot be shared: it is " + shape(own) + " and " + shape(theirs));
            }
        }
        // The handles stay two, each freed by its owner; libtorch counts the references to the tensor.
        names.forEach(name -> tensors.get(name).put(other.tensors.get(name)));
    }

    private static String shape(Tensor weight) {
        return weight == null ? "absent" : Arrays.toString(Tensors.shape(weight));
    }

    /** The weights by name, in the order of declaration; a view. */
    public Map<String, Tensor> asMap() {
        return Collections.unmodifiableMap(tensors);
    }

    /** The number of scalars in all weights. */
    public long count() {
        return tensors.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** The number of scalars in the weights that are the same tensors as those of this name in other parameters ({@link #tie}). */
    public long sharedCount(Parameters other) {
        return tensors.entrySet().stream()
                .filter(weight -> other.tensors.containsKey(weight.getKey())
                        && weight.getValue().is_same(other.tensors.get(weight.getKey())))
                .mapToLong(weight -> weight.getValue().numel())
                .sum();
    }

    /** Whether these weights require gradients. */
    public void setTrainable(boolean trainable) {
        tensors.values().forEach(t -> t.set_requires_grad(trainable));
    }

    /** Moves all weights to a device. */
    public void moveTo(Device device) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            tensors.values().forEach(t -> t.set_data(t.to(device, t.scalar_type())));
        }
    }

    /** Drops the gradients and frees their memory. */
    public void clearGradients() {
        Tensors.clearGradients(tensors.values());
    }

    /**
     * Overwrites the values of all weights.
     *
     * @param values a tensor of the same shape for each name, and no further names
     * @throws MismatchException if a name is missing, unknown or of another shape
     */
    public void assign(Map<String, Tensor> values) {
        assign(values.keySet(), values::get);
    }

    /**
     * Overwrites the values of all weights, one after the other.
     *
     * @param names of all weights, and no further ones
     * @param values called once for each name, in a scope of its own, so that only one of them takes memory
     * @throws MismatchException as {@link #assign(Map)}
     */
    public void assign(Set<String> names, Function<String, Tensor> values) {
        names.stream().filter(name -> !tensors.containsKey(name)).findFirst().ifPresent(name -> {
            throw new MismatchException("the network has no weight of the name " + name);
        });
        tensors.forEach((name, tensor) -> {
            if (!names.contains(name)) {
                throw new MismatchException("the weight " + name + " is missing");
            }
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                Tensor value = values.apply(name);
                if (!Arrays.equals(Tensors.shape(value), Tensors.shape(tensor))) {
                    throw new MismatchException("the weight " + name + " has shape "
                            + Arrays.toString(Tensors.shape(value)) + " but the network needs "
                            + Arrays.toString(Tensors.shape(tensor)));
                }
                tensor.copy_(value);
            }
        });
    }

    @Override
    public void close() {
        clearGradients();
        tensors.values().forEach(Tensors::release);
        tensors.clear();
    }
}
