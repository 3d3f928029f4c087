package dev.preceptor.tensor;

import dev.preceptor.volume.Size;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Conversion between Java arrays and tensors, and ownership of tensors. Data are always copied: no tensor refers to memory in
 * the Java heap.
 *
 * <p>A native object belongs to the innermost {@link PointerScope} that is open at its creation and is freed when that
 * scope closes. {@link #keep} detaches it from all scopes; its owner then calls {@link #release}.
 */
public final class Tensors {
    private Tensors() {}

    /** Detaches a native object from all scopes; its owner frees it with {@link #release}. */
    public static <P extends Pointer> P keep(P pointer) {
        pointer.retainReference();
        return pointer;
    }

    /** Frees a native object that {@link #keep} has detached. */
    public static void release(Pointer pointer) {
        pointer.releaseReference();
    }

    /**
     * Runs a computation in a new scope, which frees its intermediate tensors at the end.
     *
     * @return the result, owned by the scope that was innermost before
     * @throws IllegalStateException if no scope was open
     */
    public static Tensor scoped(Supplier<Tensor> computation) {
        return scopedList(() -> List.of(computation.get())).get(0);
    }

    /**
     * Some entries along the first axis.
     *
     * @param indices from 0, in the order of the result
     */
    public static Tensor rows(Tensor tensor, List<Integer> indices) {
        return stack(indices.stream().map(i -> tensor.select(0, i)).toList(), 0);
    }

    /** A zero that depends on a tensor, so that the gradient of a loss without terms is 0 and not missing. */
    public static Tensor zero(Tensor tensor) {
        return tensor.mul(new Scalar(0.0)).sum();
    }

    /** {@link #scoped} for a computation with several results. */
    public static List<Tensor> scopedList(Supplier<List<Tensor>> computation) {
        PointerScope outer = PointerScope.getInnerScope();
        if (outer == null) {
            throw new IllegalStateException("no scope is open that could own the results");
        }
        List<Tensor> results;
        try (PointerScope scope = new PointerScope()) {
            results = computation.get();
            results.forEach(Tensors::keep);
        }
        results.forEach(result -> {
            outer.attach(result);
            release(result);
        });
        return results;
    }

    /** The numbers of tensors with one element each, copied from their device at once. */
    public static double[] toDoubles(List<Tensor> numbers) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor together = cat(
                            numbers.stream()
                                    .map(number ->
                                            number.to(torch.ScalarType.Double).view(1))
                                    .toList(),
                            0)
                    .cpu();
            double[] values = new double[numbers.size()];
            new DoublePointer(together.data_ptr_double()).get(values);
            return values;
        }
    }

    /** The values of an int64 tensor, last axis fastest. */
    public static long[] toLongs(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor contiguous = tensor.cpu().contiguous();
            long[] values = new long[Math.toIntExact(contiguous.numel())];
            new LongPointer(contiguous.data_ptr_long()).get(values);
            return values;
        }
    }

    /** A float32 tensor on the CPU with these values, last axis fastest. */
    public static Tensor of(float[] values, long... shape) {
        try (FloatPointer memory = new FloatPointer(values)) {
            return torch.from_blob(memory, shape).clone();
        }
    }

    /** An int64 tensor on the CPU with these values, last axis fastest. */
    public static Tensor of(long[] values, long... shape) {
        try (LongPointer memory = new LongPointer(values);
                TensorOptions options = new TensorOptions(torch.ScalarType.Long)) {
            return torch.from_blob(memory, shape, options).clone();
        }
    }

    /** An int8 tensor on the CPU with these values, last axis fastest. */
    public static Tensor of(byte[] values, long... shape) {
        try (BytePointer memory = new BytePointer(values);
                TensorOptions options = new TensorOptions(torch.ScalarType.Char)) {
            return torch.from_blob(memory, shape, options).clone();
        }
    }

    /**
     * A float32 tensor on a device with these values, last axis fastest. Values for a GPU go through page-locked memory, from which they
     * are copied while the caller continues.
     */
    public static Tensor onDevice(float[] values, Device device, long... shape) {
        return staged(
                torch.ScalarType.Float,
                device,
                shape,
                host -> new FloatPointer(host.data_ptr()).put(values, 0, values.length));
    }

    /** An int8 tensor on a device with these values, as {@link #onDevice(float[], Device, long...)}. */
    public static Tensor onDevice(byte[] values, Device device, long... shape) {
        return staged(
                torch.ScalarType.Char,
                device,
                shape,
                host -> new BytePointer(host.data_ptr()).put(values, 0, values.length));
    }

    private static Tensor staged(torch.ScalarType type, Device device, long[] shape, Consumer<Tensor> fill) {
        return scoped(() -> {
            boolean isGpu = device.is_cuda();
            TensorOptions options = new TensorOptions(type).pinned_memory(new BoolOptional(isGpu));
            Tensor host = torch.empty(shape, options, new MemoryFormatOptional());
            fill.accept(host);
            // libtorch keeps page-locked memory until the copies from it are done.
            return isGpu ? host.to(device, type, true, false, new MemoryFormatOptional()) : host;
        });
    }

    /** A float32 tensor [x, y, z] from an x-fastest array; its first axis has stride 1. */
    public static Tensor ofVoxels(float[] voxels, Size size) {
        return of(voxels, size.z(), size.y(), size.x()).permute(2, 1, 0);
    }

    /** The values of a tensor of any shape, device and floating type as float32, last axis fastest. */
    public static float[] toFloats(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor contiguous = tensor.detach()
                    .to(new Device("cpu"), torch.ScalarType.Float)
                    .contiguous();
            float[] values = new float[Math.toIntExact(contiguous.numel())];
            new FloatPointer(contiguous.data_ptr()).get(values);
            return values;
        }
    }

    /** The x-fastest array of a tensor [x, y, z]. */
    public static float[] toVoxels(Tensor xyz) {
        try (PointerScope scope = new PointerScope()) {
            return toFloats(xyz.permute(2, 1, 0));
        }
    }

    /** Removes the gradients of tensors and frees their memory. */
    public static void clearGradients(Collection<Tensor> tensors) {
        try (PointerScope scope = new PointerScope()) {
            Tensor none = new Tensor();
            tensors.forEach(tensor -> tensor.mutable_grad().put(none));
        }
    }

    /** Adds to the gradient of a weight. The first gradient gets the memory layout of the weight. */
    public static void addGradient(Tensor weight, Tensor gradient) {
        try (PointerScope scope = new PointerScope()) {
            Tensor sum = weight.mutable_grad();
            if (sum.defined()) {
                sum.add_(gradient);
            } else {
                sum.put(torch.empty_like(weight.detach()).copy_(gradient));
            }
        }
    }

    /** Runs autograd's backward pass from a tensor, given the gradient with respect to it. */
    public static void backward(Tensor root, Tensor gradient) {
        try (TensorVector roots = new TensorVector(root);
                TensorVector gradients = new TensorVector(gradient)) {
            torch.backward(roots, gradients, new BoolOptional(), false, new TensorVector());
        }
    }

    /**
     * Adds the gradient of a loss to the gradients of these leaves of its graph alone, and keeps the graph for further backward
     * passes.
     */
    public static void backwardKeeping(Tensor loss, List<Tensor> leaves) {
        try (PointerScope scope = new PointerScope()) {
            torch.backward(
                    new TensorVector(loss),
                    new TensorVector(torch.ones_like(loss)),
                    new BoolOptional(true),
                    false,
                    new TensorVector(leaves.toArray(Tensor[]::new)));
        }
    }

    /**
     * The gradient of a number with respect to a tensor of its graph, itself with a graph, so that a loss may contain it. Adds to no
     * gradient.
     */
    public static Tensor gradient(Tensor number, Tensor input) {
        try (TensorVector numbers = new TensorVector(number);
                TensorVector inputs = new TensorVector(input);
                TensorVector gradients =
                        torch.grad(numbers, inputs, new TensorVector(), new BoolOptional(true), true, false)) {
            return new Tensor(gradients.get(0));
        }
    }

    /** A tensor [B, C, X, Y, Z] as [B X Y Z, C]; a view if it is channels-last in memory. */
    public static Tensor voxelsByChannels(Tensor tensor) {
        return tensor.permute(0, 2, 3, 4, 1).reshape(-1, tensor.size(1));
    }

    /** A tensor [B X Y Z, C] as [B, C, X, Y, Z], a view that is channels-last in memory. */
    public static Tensor channelsLast(Tensor rows, long batch, long x, long y, long z) {
        return rows.view(batch, x, y, z, -1).permute(0, 4, 1, 2, 3);
    }

    /** The extent along each axis. */
    public static long[] shape(Tensor tensor) {
        long[] shape = new long[Math.toIntExact(tensor.dim())];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.size(i);
        }
        return shape;
    }

    /** Concatenates along an axis. */
    public static Tensor cat(List<Tensor> tensors, int axis) {
        try (TensorVector vector = new TensorVector(tensors.toArray(Tensor[]::new))) {
            return torch.cat(vector, axis);
        }
    }

    /** Stacks along a new axis. */
    public static Tensor stack(List<Tensor> tensors, int axis) {
        try (TensorVector vector = new TensorVector(tensors.toArray(Tensor[]::new))) {
            return torch.stack(vector, axis);
        }
    }
}
