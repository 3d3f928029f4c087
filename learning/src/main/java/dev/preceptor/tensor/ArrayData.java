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
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * An array in the form of a safetensors file: little-endian bytes, last axis fastest.
 *
 * @param type the element type
 * @param shape the extent along each axis; empty for a single number
 * @param bytes of the size that type and shape require; read-only
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

    /** The bytes from their start, little-endian; each call gives a buffer with its own position. */
    @Override
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * A copy of a tensor on any device.
     *
     * @throws IllegalArgumentException if safetensors has no such element type
     */
    public static ArrayData of(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain =
                    tensor.detach().to(new Device("cpu"), tensor.scalar_type()).contiguous();
            ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(plain.nbytes()));
            BytePointer memory = new BytePointer(plain.data_ptr()).capacity(plain.nbytes());
            memory.get(copy.array());
            return new ArrayData(typeOf(plain.scalar_type()), Tensors.shape(plain), copy);
        }
    }

    /** A tensor on the CPU with a copy of these values, owned by the innermost scope. */
    public Tensor toTensor() {
        byte[] plain = new byte[bytes.remaining()];
        try {
            bytes().get(plain);
        } catch (InternalError e) {
            // What the JVM throws where a mapped file has become shorter.
            throw new PreceptorException("a file of weights was cut while it was read; copy it again", e);
        }
        try (BytePointer memory = new BytePointer(Math.max(plain.length, 1));
                TensorOptions options = new TensorOptions(type.scalar)) {
            memory.put(plain);
            return torch.from_blob(memory, shape, options).clone();
        }
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
