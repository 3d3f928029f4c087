package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlidingWindowTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    /** Values computed with nnU-Net v2's compute_steps_for_sliding_window. */
    @ParameterizedTest
    @CsvSource({
        "110, 64, '0,23,46'",
        "155, 128, '0,27'",
        "240, 128, '0,56,112'",
        "160, 128, '0,32'",
        "144, 96, '0,48'",
        "64, 64, '0'",
        "40, 64, '0'"
    })
    void tilePositionsAreThoseOfNnUnet(int extent, int patch, String expected) {
        int[] starts =
                Arrays.stream(expected.split(",")).mapToInt(Integer::parseInt).toArray();
        assertArrayEquals(starts, SlidingWindow.positions(extent, patch, 0.5));
    }

    @Test
    void tilesCoverEveryVoxelAtEveryOverlap() {
        for (int seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int patch = random.nextInt(1, 40);
            int extent = random.nextInt(1, 200);
            int[] starts = SlidingWindow.positions(extent, patch, random.nextDouble(0, 0.9));
            assertEquals(0, starts[0], "seed " + seed);
            assertEquals(Math.max(extent - patch, 0), starts[starts.length - 1], "seed " + seed);
            for (int i = 1; i < starts.length; i++) {
                assertTrue(starts[i] > starts[i - 1] && starts[i] <= starts[i - 1] + patch, "seed " + seed);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"64, 0.00054878", "96, 0.00046655", "128, 0.00042990"})
    void blendingWeightsAreTheGaussianOfNnUnet(int patch, double last) {
        float[] weights = SlidingWindow.blendingWeights(patch);
        assertEquals(0.00033546, weights[0], 1e-8);
        assertEquals(last, weights[patch - 1], 1e-8);
        assertEquals(1, weights[patch / 2]);
    }

    /** A network with a receptive field of one voxel must give the same result with and without tiles. */
    @Test
    void aPointwiseNetworkIsNotChangedByTiles() {
        for (int seed = 0; seed < 12; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = new Size(random.nextInt(3, 30), random.nextInt(3, 30), random.nextInt(3, 30));
            Size patch = new Size(random.nextInt(4, 16), random.nextInt(4, 16), random.nextInt(4, 16));
            SlidingWindow window = new SlidingWindow(patch, random.nextDouble(0, 0.8), random.nextInt(1, 4));
            try (PointerScope scope = new PointerScope()) {
                Tensor image = torch.randn(2, size.x(), size.y(), size.z());
                List<long[]> shapes = new ArrayList<>();
                Tensor logits = window.logits(image, 3, tiles -> {
                    shapes.add(Tensors.shape(tiles));
                    return Tensors.cat(List.of(tiles, tiles.narrow(1, 0, 1).mul(tiles.narrow(1, 1, 1))), 1);
                });
                Tensor product = image.narrow(0, 0, 1).mul(image.narrow(0, 1, 1));
                float[] expected = Tensors.toFloats(Tensors.cat(List.of(image, product), 0));
                assertArrayEquals(new long[] {3, size.x(), size.y(), size.z()}, Tensors.shape(logits), "seed " + seed);
                assertArrayEquals(expected, Tensors.toFloats(logits), 1e-4f, "seed " + seed);
                shapes.forEach(shape -> assertArrayEquals(
                        new long[] {patch.x(), patch.y(), patch.z()}, Arrays.copyOfRange(shape, 2, 5)));
            }
        }
    }

    /** Two tiles with different logits against the weighted mean, calculated by hand. */
    @Test
    void overlappingTilesAreBlendedByTheirWeights() {
        SlidingWindow window = new SlidingWindow(new Size(8, 1, 1), 0.5, 1);
        float[] weights = SlidingWindow.blendingWeights(8);
        int[] tile = {0};
        try (PointerScope scope = new PointerScope()) {
            Tensor image = torch.ones(1, 12, 1, 1);
            float[] logits = Tensors.toFloats(window.logits(
                    image, 1, tiles -> torch.ones(1, 1, 8, 1, 1).mul(Tensors.of(new float[] {10 * tile[0]++}, 1))));
            for (int x = 0; x < 12; x++) {
                float first = x < 8 ? weights[x] : 0;
                float second = x >= 4 ? weights[x - 4] : 0;
                assertEquals(10 * second / (first + second), logits[x], 1e-5, "voxel " + x);
            }
        }
    }

    /** A network whose output depends on all voxels of a tile, with and without the tiles that are 0 in one forward pass. */
    @Test
    void ofAllEmptyTilesOnePassesThroughTheNetwork() {
        SlidingWindow window = new SlidingWindow(new Size(8, 8, 8), 0.5, 1);
        List<Boolean> emptyTiles = new ArrayList<>();
        UnaryOperator<Tensor> network = tiles -> {
            emptyTiles.add(!tiles.any().item_bool());
            return tiles.sub(tiles.mean()).add(new Scalar(2.0));
        };
        try (PointerScope scope = new PointerScope()) {
            Tensor image = torch.zeros(1, 40, 8, 8);
            image.narrow(1, 0, 6).copy_(torch.randn(1, 6, 8, 8));
            Tensor blended = window.logits(image, 1, network);
            // 1e-30 is no zero, and changes no logit.
            Tensor notEmpty = image.add(new Scalar(1e-30));
            List<Boolean> before = List.copyOf(emptyTiles);
            Tensor expected = window.logits(notEmpty, 1, network);
            assertEquals(List.of(false, false, true), before);
            assertEquals(9, emptyTiles.size() - before.size());
            assertArrayEquals(Tensors.toFloats(expected), Tensors.toFloats(blended), 1e-6f);
        }
    }

    @Test
    void oneTileIsNotBlended() {
        SlidingWindow window = new SlidingWindow(new Size(16, 8, 8), 0.5, 1);
        try (PointerScope scope = new PointerScope()) {
            Tensor image = torch.randn(1, 11, 8, 8);
            Tensor logits = window.logits(image, 1, tiles -> tiles);
            assertArrayEquals(Tensors.toFloats(image), Tensors.toFloats(logits), 0);
        }
    }
}
