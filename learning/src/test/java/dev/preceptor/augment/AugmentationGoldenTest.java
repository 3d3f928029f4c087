package dev.preceptor.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Transforms against scipy, PyTorch, MONAI and numpy's Fourier transform; make_augmentation_fixture.py computes the values.
 */
class AugmentationGoldenTest {
    private static Map<String, ArrayData> golden;
    private static Size size;

    @BeforeAll
    static void read() {
        golden = GoldenFiles.read("augmentation.safetensors").arrays();
        long[] shape = golden.get("image").shape();
        size = new Size((int) shape[0], (int) shape[1], (int) shape[2]);
    }

    @Test
    void rotationScalingAndMirroringInOnePassAreScipysAffineTransform() {
        assertArrayEquals(floats("warped"), warped().images(), 2e-5f);
    }

    @Test
    void aLabelIsTheOneWithTheLargestWeightInScipysInterpolation() {
        byte[] expected = bytes("voted");
        float[] margin = floats("margin");
        byte[] found = warped().classes();
        int different = 0;
        for (int i = 0; i < found.length; i++) {
            if (margin[i] > 1e-5) {
                assertEquals(expected[i], found[i], "voxel " + i);
            } else {
                different++;
            }
        }
        assertTrue(different < found.length / 50, "nearly all voxels have a clear label");
    }

    private static Augmenter.Target warped() {
        Size patch = new Size(8, 9, 10);
        double[][] matrix = Warp.rotation(new double[] {20, -25, 30});
        for (double[] row : matrix) {
            row[0] *= 1.3;
            row[1] *= -1.3;
            row[2] *= 1.3;
        }
        Augmenter.Target target =
                new Augmenter.Target(patch, new float[patch.voxels()], 0, new byte[patch.voxels()], 0);
        new Warp(patch, new double[] {5, 8.5, 11}, matrix, Optional.empty())
                .resample(
                        List.of(FloatBuffer.wrap(floats("image"))),
                        Optional.of(ByteBuffer.wrap(bytes("labels"))),
                        size,
                        new Channel[] {target.channel(0)},
                        target.classes(),
                        0,
                        new Scratch());
        return target;
    }

    @Test
    void blurIsScipysGaussianFilter() {
        assertGives("blurred", new GaussianBlur(0.5, 0.8, 1.0), 2e-5f);
    }

    @Test
    void lowResolutionIsPyTorchsNearestExactAndTrilinear() {
        assertGives("coarse0.5", new LowResolution(0.5), 1e-5f);
        assertGives("coarse0.7", new LowResolution(0.7), 1e-5f);
    }

    @Test
    void gammaIsNnUNets() {
        assertGives("gamma0.7", new Gamma(0.7, false), 2e-4f);
        assertGives("gamma1.5", new Gamma(1.5, false), 2e-4f);
        assertGives("inverted1.4", new Gamma(1.4, true), 2e-4f);
    }

    @Test
    void contrastIsNnUNets() {
        assertGives("contrast1.25", new Linear(1.25, true), 1e-5f);
    }

    @Test
    void theBiasFieldIsMonais() {
        double[][][] coefficients = new double[4][4][4];
        int next = 0;
        for (int i = 0; i < 4; i++) {
            for (int j = 0; i + j < 4; j++) {
                for (int k = 0; i + j + k < 4; k++) {
                    coefficients[i][j][k] = 0.02 * (next + 1) * (next % 2 == 0 ? 1 : -1);
                    next++;
                }
            }
        }
        assertGives("biased", new BiasField(coefficients), 1e-3f);
    }

    @Test
    void ghostingAttenuatesLinesOfNumpysFourierTransform() {
        assertGives("ghosts1", new Ghosting(0.6, 5, 1), 2e-5f);
        assertGives("ghosts2", new Ghosting(0.6, 4, 2), 2e-5f);
    }

    @Test
    void aSpikeIsOneSampleOfNumpysFourierTransform() {
        assertGives("spiked", new Spike(0.5, new int[] {2, -3, 4}, 0.6), 1e-4f);
    }

    @Test
    void motionCombinesLinesOfNumpysFourierTransformOfMovedImages() {
        assertGives(
                "moved",
                new Motion(
                        1,
                        List.of(
                                new Motion.Move(0, 6, new double[] {3, -2, 4}, new double[] {1, -0.5, 0.7}),
                                new Motion.Move(11, 15, new double[] {-5, 1, 2}, new double[] {0.3, 2, -1}))),
                1e-4f);
    }

    private static void assertGives(String name, IntensityTransform transform, float tolerance) {
        // In a larger array, so that a wrong start index shows.
        float[] values = new float[size.voxels() + 7];
        System.arraycopy(floats("image"), 0, values, 7, size.voxels());
        Channel channel = new Channel(values, 7, size);
        transform.apply(channel);
        assertArrayEquals(floats(name), channel.copy().values(), tolerance, name);
    }

    private static float[] floats(String name) {
        FloatBuffer buffer = golden.get(name).bytes().asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static byte[] bytes(String name) {
        ByteBuffer buffer = golden.get(name).bytes();
        byte[] values = new byte[buffer.remaining()];
        buffer.get(values);
        return values;
    }
}
