package dev.preceptor.tensor;

import dev.preceptor.base.PreceptorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * An array as safetensors stores it: little-endian bytes, last axis fastest.
 *
 * @param type the element type
 * @param shape the extent along each axis; empty for a scalar
 * @param bytes the elements, read-only, of the length that type and shape require
 */
public record ArrayData(Type type, long[] shape, ByteBuffer bytes) {
    /** The element types that Preceptor reads and writes. */
    public enum Type {
        F64(8, torch.ScalarType.Double),
        F32(4, torch.ScalarType.Float),
        F16(2, torch.ScalarType.Half),
        BF16(2, torch.ScalarType.BFloat16),
        I64(8, torch.ScalarType.Long),
        I32(4, torch.ScalarType.Int),
        I16(2, torch.ScalarType.Short),
        I8(1, torch.ScalarType.Char),
        U8(1, torch.ScalarType.Byte),
        BOOL(1, torch.ScalarType.Bool);

        private final int size;
        private final torch.ScalarType scalar;

        Type(int size, torch.ScalarType scalar) {
            this.size = size;
            this.scalar = scalar;
        }

        /** Bytes of one element. */
        public int size() {
            return size;
        }
    }

    public ArrayData {
        bytes = bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (bytes.remaining() != Math.multiplyExact(count, type.size())) {
            throw new IllegalArgumentException(bytes.remaining() + " bytes for " + type + " " + Arrays.toString(shape));
        }
    }

    /** The elements as a little-endian buffer at its start; each call returns a buffer with its own position. */
    @Override
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Copies a tensor from any device.
     *
     * @throws IllegalArgumentException if safetensors has no element type for it
     */
    public static ArrayData of(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor contiguous =
                    tensor.detach().to(new Device("cpu"), tensor.scalar_type()).contiguous();
            ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(contiguous.nbytes()));
            BytePointer memory = new BytePointer(contiguous.data_ptr()).capacity(contiguous.nbytes());
            memory.get(copy.array());
            return new ArrayData(typeOf(contiguous.scalar_type()), Tensors.shape(contiguous), copy);
        }
    }

    /**
     * Copies the array to a tensor on the CPU, owned by the innermost scope.
     *
     * @throws PreceptorException if the mapped file has been truncated
     */
    public Tensor toTensor() {
        Tensor tensor = emptyTensor();
        try {
            memory(tensor).put(bytes());
        } catch (InternalError e) {
            // The JVM throws this if a mapped file has been truncated.
            throw new PreceptorException("a file of weights was truncated while it was read; copy it again", e);
        }
        return tensor;
    }

    /** A tensor of this type and shape on the CPU, without values, owned by the innermost scope. */
    Tensor emptyTensor() {
        try (TensorOptions options = new TensorOptions(type.scalar)) {
            return torch.empty(shape, options, new MemoryFormatOptional());
        }
    }

    /** The memory of a contiguous tensor on the CPU, which must outlive it; at most 2 GiB. */
    static ByteBuffer memory(Tensor tensor) {
        if (tensor.numel() == 0) {
            return ByteBuffer.allocate(0);
        }
        return new BytePointer(tensor.data_ptr()).capacity(tensor.nbytes()).asByteBuffer();
    }

    /** {@link #toTensor} of each array. */
    public static Map<String, Tensor> toTensors(Map<String, ArrayData> arrays) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        arrays.forEach((name, array) -> tensors.put(name, array.toTensor()));
        return tensors;
    }

    private static Type typeOf(torch.ScalarType scalar) {
        return Arrays.stream(Type.values())
                .filter(t -> t.scalar == scalar.intern())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no safetensors type for " + scalar));
    }
}
