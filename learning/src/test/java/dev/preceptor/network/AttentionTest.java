package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The gates of CBAM against their equations in loops of plain Java. */
class AttentionTest {
    private static final int CHANNELS = 32;
    private static final int REDUCED = 2;
    private static final int EDGE = 5;
    private static final int VOXELS = EDGE * EDGE * EDGE;
    private static final int TRIALS = 5;

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void theChannelGateIsThePerceptronOfMeanAndMaximum() {
        for (long seed = 0; seed < TRIALS; seed++) {
            try (PointerScope scope = new PointerScope();
                    Parameters parameters = new Parameters()) {
                torch.manual_seed(seed);
                Tensor gated =
                        Attention.CHANNEL.gate(parameters, "gate", CHANNELS).apply(input(seed));
                float[] expected = channelGated(floats(input(seed)), parameters);
                assertArrayEquals(expected, Tensors.toFloats(gated), 1e-5f, "seed " + seed);
            }
        }
    }

    @Test
    void cbamMultipliesByASpatialGateToo() {
        for (long seed = 0; seed < TRIALS; seed++) {
            try (PointerScope scope = new PointerScope();
                    Parameters parameters = new Parameters()) {
                torch.manual_seed(seed);
                Tensor gated = Attention.CBAM.gate(parameters, "gate", CHANNELS).apply(input(seed));
                float[] expected = spaceGated(channelGated(floats(input(seed)), parameters), parameters);
                assertArrayEquals(expected, Tensors.toFloats(gated), 1e-5f, "seed " + seed);
            }
        }
    }

    private static Tensor input(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[CHANNELS * VOXELS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return Tensors.of(values, 1, CHANNELS, EDGE, EDGE, EDGE);
    }

    private static float[] channelGated(float[] x, Parameters parameters) {
        double[] mean = new double[CHANNELS];
        double[] most = new double[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
            most[c] = Double.NEGATIVE_INFINITY;
            for (int v = 0; v < VOXELS; v++) {
                mean[c] += x[c * VOXELS + v] / (double) VOXELS;
                most[c] = Math.max(most[c], x[c * VOXELS + v]);
            }
        }
        double[] ofMean = perceptron(mean, parameters);
        double[] ofMost = perceptron(most, parameters);
        float[] gated = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            gated[i] = (float) (x[i] * sigmoid(ofMean[i / VOXELS] + ofMost[i / VOXELS]));
        }
        return gated;
    }

    private static double[] perceptron(double[] x, Parameters parameters) {
        double[] hidden = linear(x, REDUCED, parameters, "gate.channel.reduce");
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = hidden[i] < 0 ? Layers.SLOPE * hidden[i] : hidden[i];
        }
        return linear(hidden, CHANNELS, parameters, "gate.channel.expand");
    }

    private static double[] linear(double[] x, int out, Parameters parameters, String name) {
        float[] weight = floats(parameters.asMap().get(name + ".weight"));
        float[] bias = floats(parameters.asMap().get(name + ".bias"));
        double[] y = new double[out];
        for (int o = 0; o < out; o++) {
            y[o] = bias[o];
            for (int i = 0; i < x.length; i++) {
                y[o] += weight[o * x.length + i] * x[i];
            }
        }
        return y;
    }

    private static float[] spaceGated(float[] x, Parameters parameters) {
        float[][] pooled = new float[2][VOXELS];
        for (int v = 0; v < VOXELS; v++) {
            float most = Float.NEGATIVE_INFINITY;
            double mean = 0;
            for (int c = 0; c < CHANNELS; c++) {
                most = Math.max(most, x[c * VOXELS + v]);
                mean += x[c * VOXELS + v] / (double) CHANNELS;
            }
            pooled[0][v] = most;
            pooled[1][v] = (float) mean;
        }
        float[] gated = new float[x.length];
        for (int v = 0; v < VOXELS; v++) {
            double gate = sigmoid(convolved(pooled, v, parameters));
            for (int c = 0; c < CHANNELS; c++) {
                gated[c * VOXELS + v] = (float) (x[c * VOXELS + v] * gate);
            }
        }
        return gated;
    }

    private static double convolved(float[][] pooled, int voxel, Parameters parameters) {
        float[] weight = spatial(parameters, "weight");
        int x = voxel / EDGE / EDGE;
        int y = voxel / EDGE % EDGE;
        int z = voxel % EDGE;
        double sum = spatial(parameters, "bias")[0];
        for (int k = 0; k < weight.length; k++) {
            int i = x + k / 49 % 7 - 3;
            int j = y + k / 7 % 7 - 3;
            int l = z + k % 7 - 3;
            if (i >= 0 && i < EDGE && j >= 0 && j < EDGE && l >= 0 && l < EDGE) {
                sum += weight[k] * pooled[k / 343][(i * EDGE + j) * EDGE + l];
            }
        }
        return sum;
    }

    private static float[] spatial(Parameters parameters, String kind) {
        return floats(parameters.asMap().get("gate.spatial." + kind));
    }

    private static float[] floats(Tensor tensor) {
        return Tensors.toFloats(tensor);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
