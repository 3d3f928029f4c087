package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The loops of {@link NormActivation} over float32 tensors [B, C, X, Y, Z] on the CPU that are channels-last in memory. Each passes
 * once over its tensors, where libtorch's operators pass several times. Sums are float32 over {@link #ADDENDS} values and float64
 * beyond, so that they deviate by less than 1e-6 on any volume; no result depends on the number of threads.
 */
final class ChannelLoops {
    /** Rows of about this length stay in the fastest cache. */
    private static final int ROW = 512;

    /** Values that are added up in float32 before their sum is added to one in float64. */
    private static final int ADDENDS = 32;

    /** Times any normal number, this is at least one. */
    private static final float HUGE = 0x1p126f;

    private ChannelLoops() {}

    /** Whether a tensor has the type and the layout of these loops, of which autograd records nothing. */
    static boolean accept(Tensor x) {
        return !GradMode.is_enabled()
                && x.is_cpu()
                && x.scalar_type().intern() == torch.ScalarType.Float
                && x.is_contiguous(torch.MemoryFormat.ChannelsLast3d);
    }

    /** The sums over the voxels of the values and of their squares, both [B, C], float64. */
    static List<Tensor> moments(Tensor x) {
        return run(List.of(x), null, sample -> (from, to, sums, length) -> {
            float[] values = from[0], first = sums[0], second = sums[1];
            for (int i = 0; i < length; i++) {
                first[i] += values[i];
                second[i] += values[i] * values[i];
            }
        });
    }

    /**
     * A linear function of each channel and an activation: max(z, slope z) with z = scale x + shift. For each sample, scale and shift
     * are repeated to the length of a row.
     */
    private record Activation(float[][] scale, float[][] shift, float slope) {}

    /**
     * Writes max(z, slope z) with z = scale x + shift to y, which may be x.
     *
     * @param scale [B, C]
     * @param shift [B, C]
     * @param slope 0 to 1
     */
    static void activate(Tensor x, Tensor scale, Tensor shift, double slope, Tensor y) {
        Activation all = activation(scale, shift, slope, row(x));
        run(List.of(x), y, sample -> (from, to, sums, length) -> {
            float[] values = from[0], factor = all.scale[sample], level = all.shift[sample];
            float negative = all.slope;
            for (int i = 0; i < length; i++) {
                float z = values[i] * factor[i] + level[i];
                to[i] = Math.max(z, negative * z);
            }
        });
    }

    /** The sums over the voxels of z', the gradient of z in {@link #activate}, and of z' x, both [B, C], float64. */
    static List<Tensor> gradientSums(Tensor gradient, Tensor x, Tensor scale, Tensor shift, double slope) {
        Activation all = activation(scale, shift, slope, row(x));
        return run(List.of(gradient, x), null, sample -> (from, inner, sums, length) -> {
            float[] outer = from[0], values = from[1], first = sums[0], second = sums[1];
            float[] factor = all.scale[sample], level = all.shift[sample];
            float negative = all.slope;
            for (int i = 0; i < length; i++) {
                float z = values[i] * factor[i] + level[i];
                // One where z is positive, else zero; the compiler makes no vector of a condition.
                float step = Math.min(Math.max(z * HUGE, 0f), 1f);
                inner[i] = outer[i] * Math.max(step, negative);
            }
            for (int i = 0; i < length; i++) {
                first[i] += inner[i];
                second[i] += inner[i] * values[i];
            }
        });
    }

    /** Writes ofGradient z' + ofX x + constant, with factors [B, C] and z' as in {@link #gradientSums}. */
    static void gradient(
            Tensor gradient,
            Tensor x,
            Tensor scale,
            Tensor shift,
            double slope,
            Tensor ofGradient,
            Tensor ofX,
            Tensor constant,
            Tensor result) {
        int row = row(x);
        Activation all = activation(scale, shift, slope, row);
        float[][] factors = rows(ofGradient, row);
        float[][] steepness = rows(ofX, row);
        float[][] constants = rows(constant, row);
        run(List.of(gradient, x), result, sample -> (from, to, sums, length) -> {
            float[] outer = from[0], values = from[1];
            float[] factor = all.scale[sample], level = all.shift[sample];
            float[] a = factors[sample], b = steepness[sample], c = constants[sample];
            float negative = all.slope;
            for (int i = 0; i < length; i++) {
                float z = values[i] * factor[i] + level[i];
                float step = Math.min(Math.max(z * HUGE, 0f), 1f);
                to[i] = outer[i] * Math.max(step, negative) * a[i] + (values[i] * b[i] + c[i]);
            }
        });
    }

    /** A loop over one row of each tensor. */
    @FunctionalInterface
    private interface RowLoop {
        void run(float[][] from, float[] to, float[][] sums, int length);
    }

    /** The loops of a sample. */
    @FunctionalInterface
    private interface SampleLoop {
        RowLoop of(int sample);
    }

    /** The two sums of each channel [B, C] that the loops add up, float64; none where they write a tensor. */
    private static List<Tensor> run(List<Tensor> from, Tensor to, SampleLoop loops) {
        Tensor x = from.get(0);
        int samples = Math.toIntExact(x.size(0));
        int extent = Math.toIntExact(x.size(2));
        int channels = Math.toIntExact(x.size(1));
        FloatBuffer[][] sources = from.stream().map(ChannelLoops::planes).toArray(FloatBuffer[][]::new);
        FloatBuffer[] targets = to == null ? new FloatBuffer[samples * extent] : planes(to);
        double[][][] sums = new double[samples * extent][][];
        Planes.forEach((long) samples * extent, plane -> {
            FloatBuffer[] buffers = new FloatBuffer[sources.length];
            for (int j = 0; j < buffers.length; j++) {
                buffers[j] = sources[j][plane];
            }
            sums[plane] = plane(buffers, targets[plane], loops.of(plane / extent), channels, row(x));
        });
        return to == null ? List.of(total(sums, 0, samples, channels), total(sums, 1, samples, channels)) : List.of();
    }

    private static double[][] plane(FloatBuffer[] from, FloatBuffer to, RowLoop loop, int channels, int row) {
        float[][] rows = new float[from.length][row];
        float[] result = new float[row];
        float[][] partial = new float[2][row];
        double[][] sums = new double[2][channels];
        int length = from[0].capacity();
        int added = 0;
        for (int start = 0; start < length; start += row) {
            int count = Math.min(row, length - start);
            for (int j = 0; j < from.length; j++) {
                from[j].get(start, rows[j], 0, count);
            }
            loop.run(rows, result, partial, count);
            if (to != null) {
                to.put(start, result, 0, count);
            } else if (++added == ADDENDS || start + row >= length) {
                flush(partial, sums, channels);
                added = 0;
            }
        }
        return sums;
    }

    private static void flush(float[][] partial, double[][] sums, int channels) {
        for (int k = 0; k < partial.length; k++) {
            for (int start = 0; start < partial[k].length; start += channels) {
                for (int channel = 0; channel < channels; channel++) {
                    sums[k][channel] += partial[k][start + channel];
                }
            }
            Arrays.fill(partial[k], 0);
        }
    }

    private static Tensor total(double[][][] sums, int k, int samples, int channels) {
        double[] total = new double[samples * channels];
        int extent = sums.length / samples;
        for (int plane = 0; plane < sums.length; plane++) {
            for (int channel = 0; channel < channels; channel++) {
                total[plane / extent * channels + channel] += sums[plane][k][channel];
            }
        }
        try (DoublePointer memory = new DoublePointer(total);
                TensorOptions options = new TensorOptions(torch.ScalarType.Double)) {
            return torch.from_blob(memory, new long[] {samples, channels}, options)
                    .clone();
        }
    }

    private static FloatBuffer[] planes(Tensor x) {
        Planes planes = Planes.of(x);
        int extent = Math.toIntExact(x.size(2));
        FloatBuffer[] all = new FloatBuffer[Math.toIntExact(x.size(0)) * extent];
        for (int i = 0; i < all.length; i++) {
            all[i] = Planes.block(x, i, planes.length());
        }
        return all;
    }

    private static Activation activation(Tensor scale, Tensor shift, double slope, int row) {
        return new Activation(rows(scale, row), rows(shift, row), (float) slope);
    }

    /** The length of a row: whole voxels. */
    private static int row(Tensor x) {
        int channels = Math.toIntExact(x.size(1));
        return Math.max(1, ROW / channels) * channels;
    }

    /** Numbers of channels [B, C], for each sample repeated to the length of a row. */
    private static float[][] rows(Tensor channels, int row) {
        float[] values = Tensors.toFloats(channels);
        int samples = Math.toIntExact(channels.size(0));
        int count = Math.toIntExact(channels.size(1));
        float[][] rows = new float[samples][row];
        for (int sample = 0; sample < samples; sample++) {
            for (int i = 0; i < row; i++) {
                rows[sample][i] = values[sample * count + i % count];
            }
        }
        return rows;
    }
}
