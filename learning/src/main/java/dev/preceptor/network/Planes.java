package dev.preceptor.network;

import java.nio.FloatBuffer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The planes [Y, Z, C] of a tensor [B, C, X, Y, Z] as memory that Java loops read and write. The tensor must outlive the buffers.
 *
 * @param tensor float32 on the CPU, channels-last; a slab of the planes of each sample
 * @param start the index of the first plane of the slab
 * @param extent number of planes of a whole sample
 */
record Planes(Tensor tensor, long start, long extent) {
    /** Runs a loop over the numbers of planes, on several threads where libtorch's operations use several. */
    static void forEach(long count, IntConsumer loop) {
        IntStream numbers = IntStream.range(0, Math.toIntExact(count));
        (torch.get_num_threads() > 1 ? numbers.parallel() : numbers).forEach(loop);
    }

    /** A float32 tensor [B, C, X, Y, Z] with undefined values. */
    static Tensor empty(long samples, long channels, long x, long y, long z) {
        return torch.empty(samples, x, y, z, channels).permute(0, 4, 1, 2, 3);
    }

    /** All planes of a tensor. */
    static Planes of(Tensor tensor) {
        return new Planes(tensor, 0, tensor.size(2));
    }

    /** The number of values of a plane. */
    int length() {
        return Math.toIntExact(tensor.size(1) * tensor.size(3) * tensor.size(4));
    }

    /**
     * Consecutive planes of a sample.
     *
     * @return null for planes outside of the sample
     */
    FloatBuffer[] of(long sample, long first, int count) {
        FloatBuffer[] planes = new FloatBuffer[count];
        for (int i = 0; i < count; i++) {
            if (first + i >= 0 && first + i < extent) {
                planes[i] = block(tensor, sample * tensor.size(2) + first + i - start, length());
            }
        }
        return planes;
    }

    /** The values {@code index * length} to {@code (index + 1) * length - 1} of a tensor, in the order of its memory. */
    static FloatBuffer block(Tensor tensor, long index, int length) {
        try (FloatPointer values = new FloatPointer(tensor.data_ptr())) {
            return values.position(index * length).limit((index + 1) * length).asBuffer();
        }
    }
}
