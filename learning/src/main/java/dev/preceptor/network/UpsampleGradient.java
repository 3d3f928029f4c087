package dev.preceptor.network;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The gradient of trilinear upsampling by two ({@code align_corners} false) over float32 tensors that are channels-last in memory.
 * libtorch's operator copies its gradient to another layout and back. No result depends on the number of threads.
 *
 * <p>Along an axis of n voxels, output 2i is 3/4 of voxel i and 1/4 of voxel i - 1, output 2i + 1 3/4 of voxel i and 1/4 of voxel
 * i + 1; the first and the last output are the first and the last voxel. So voxel i has its gradient from the outputs 2i - 1 to 2i + 2.
 */
final class UpsampleGradient {
    private static final int TAPS = 4;

    private UpsampleGradient() {}

    /** Where the gradient of a voxel comes from along an axis, and with which weights; outputs beyond the ends have weight 0. */
    private record Taps(int[] outputs, float[] weights) {
        static Taps of(int voxel, int extent) {
            boolean isFirst = voxel == 0;
            boolean isLast = voxel == extent - 1;
            int[] outputs = new int[TAPS];
            for (int tap = 0; tap < TAPS; tap++) {
                outputs[tap] = Math.min(Math.max(2 * voxel - 1 + tap, 0), 2 * extent - 1);
            }
            float[] weights = {isFirst ? 0 : 0.25f, isFirst ? 1 : 0.75f, isLast ? 1 : 0.75f, isLast ? 0 : 0.25f};
            return new Taps(outputs, weights);
        }

        static Taps[] along(int extent) {
            return IntStream.range(0, extent)
                    .mapToObj(voxel -> of(voxel, extent))
                    .toArray(Taps[]::new);
        }
    }

    /**
     * The gradient of the input.
     *
     * @param gradient of the output [B, C', 2X, 2Y, 2Z], as {@link ChannelLoops#accept} demands; of its channels the first {@code
     *     channels} are those of the upsampling
     * @return [B, channels, X, Y, Z], channels-last
     */
    static Tensor gradient(Tensor gradient, int channels) {
        long samples = gradient.size(0);
        int extent = Math.toIntExact(gradient.size(2) / 2);
        Tensor result = Planes.empty(samples, channels, extent, gradient.size(3) / 2, gradient.size(4) / 2);
        Planes outer = Planes.of(gradient);
        Planes inner = Planes.of(result);
        Taps[] taps = Taps.along(extent);
        Plane plane = new Plane(
                Math.toIntExact(gradient.size(1)),
                channels,
                Taps.along(Math.toIntExact(result.size(3))),
                Taps.along(Math.toIntExact(result.size(4))));
        Planes.forEach(samples * extent, i -> {
            int sample = i / extent;
            Taps along = taps[i % extent];
            FloatBuffer[] sources = new FloatBuffer[TAPS];
            for (int tap = 0; tap < TAPS; tap++) {
                sources[tap] = outer.of(sample, along.outputs[tap], 1)[0];
            }
            plane.run(sources, along.weights, inner.of(sample, i % extent, 1)[0]);
        });
        return result;
    }

    /**
     * One plane of the input.
     *
     * @param width channels of a voxel of the gradient
     * @param channels of those, the ones that count
     */
    private record Plane(int width, int channels, Taps[] rows, Taps[] columns) {
        void run(FloatBuffer[] sources, float[] weights, FloatBuffer to) {
            float[] source = new float[2 * columns.length * width];
            // Of the weighted sum of the planes, the rows that the present row of the input needs, each in place of the
            // one four before.
            float[][] sums = new float[TAPS][2 * columns.length * channels];
            float[] row = new float[2 * columns.length * channels];
            float[] result = new float[columns.length * channels];
            int next = 0;
            for (int y = 0; y < rows.length; y++) {
                while (next <= rows[y].outputs[TAPS - 1]) {
                    sum(sources, weights, next, source, sums[next % TAPS]);
                    next++;
                }
                combine(sums, rows[y], row);
                for (int z = 0; z < columns.length; z++) {
                    combine(row, columns[z], result, z * channels);
                }
                to.put(y * result.length, result);
            }
        }

        /** The weighted sum of one row of the planes of the gradient, without the channels that do not count. */
        private void sum(FloatBuffer[] sources, float[] weights, int row, float[] source, float[] to) {
            Arrays.fill(to, 0);
            for (int tap = 0; tap < TAPS; tap++) {
                if (weights[tap] != 0) {
                    sources[tap].get(row * source.length, source);
                    for (int z = 0; z < 2 * columns.length; z++) {
                        add(source, z * width, weights[tap], to, z * channels);
                    }
                }
            }
        }

        private void add(float[] from, int start, float weight, float[] to, int at) {
            for (int c = 0; c < channels; c++) {
                to[at + c] += weight * from[start + c];
            }
        }

        /** The weighted sum of four rows. */
        private static void combine(float[][] from, Taps taps, float[] to) {
            float[] first = from[taps.outputs[0] % TAPS], second = from[taps.outputs[1] % TAPS];
            float[] third = from[taps.outputs[2] % TAPS], fourth = from[taps.outputs[3] % TAPS];
            float a = taps.weights[0], b = taps.weights[1], c = taps.weights[2], d = taps.weights[3];
            for (int i = 0; i < to.length; i++) {
                to[i] = a * first[i] + b * second[i] + c * third[i] + d * fourth[i];
            }
        }

        /** Writes the weighted sum of four voxels of a row. */
        private void combine(float[] row, Taps taps, float[] to, int at) {
            int first = taps.outputs[0] * channels, second = taps.outputs[1] * channels;
            int third = taps.outputs[2] * channels, fourth = taps.outputs[3] * channels;
            float a = taps.weights[0], b = taps.weights[1], c = taps.weights[2], d = taps.weights[3];
            for (int i = 0; i < channels; i++) {
                to[at + i] = a * row[first + i] + b * row[second + i] + c * row[third + i] + d * row[fourth + i];
            }
        }
    }
}
