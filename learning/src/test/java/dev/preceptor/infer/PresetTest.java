package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.Size;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PresetTest {
    private static final Size PATCH = Size.cube(128);

    @Test
    void exactHasTheTilesOfTheModel() {
        SlidingWindow window = Preset.EXACT.window(new Size(140, 175, 140), PATCH, 0.5, 4, 8);
        assertEquals(SlidingWindow.ofBatches(PATCH, 0.5, 4), window);
    }

    @Test
    void balancedOverlapsByAQuarterAtMost() {
        assertEquals(0.25, Preset.BALANCED.window(PATCH, PATCH, 0.5, 4, 8).overlap());
        assertEquals(0.1, Preset.BALANCED.window(PATCH, PATCH, 0.1, 4, 8).overlap());
    }

    @Test
    void fastCoversABrainWithOneTile() {
        SlidingWindow window = Preset.FAST.window(new Size(140, 175, 141), PATCH, 0.5, 4, 8);
        assertEquals(new Size(144, 176, 144), window.patch());
    }

    @Test
    void fastDividesTheLongestAxesOfALargeImage() {
        Size image = new Size(240, 240, 155);
        SlidingWindow window = Preset.FAST.window(image, PATCH, 0.5, 4, 8);
        assertEquals(new Size(128, 128, 160), window.patch());
        assertEquals(4, tiles(image, window));
    }

    @Test
    void fastTilesFitTheMemoryAndTheNetworkAndAreNoMoreThanThoseOfTheModel() {
        for (int seed = 0; seed < 300; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            int stride = 1 << random.nextInt(0, 5);
            Size patch = new Size(
                    stride * random.nextInt(1, 9), stride * random.nextInt(1, 9), stride * random.nextInt(1, 9));
            Size image = new Size(random.nextInt(1, 300), random.nextInt(1, 300), random.nextInt(1, 300));
            double overlap = random.nextDouble(0, 0.9);
            SlidingWindow window = Preset.FAST.window(image, patch, overlap, 1, stride);
            String where = "seed " + seed;
            assertTrue(window.patch().voxels() <= 2L * patch.voxels(), where);
            for (int axis = 0; axis < 3; axis++) {
                assertEquals(0, window.patch().along(axis) % stride, where);
                assertTrue(window.patch().along(axis) >= patch.along(axis), where);
            }
            assertTrue(tiles(image, window) <= tiles(image, new SlidingWindow(patch, overlap, 1)), where);
        }
    }

    private static int tiles(Size image, SlidingWindow window) {
        int tiles = 1;
        for (int axis = 0; axis < 3; axis++) {
            tiles *= SlidingWindow.positions(image.along(axis), window.patch().along(axis), window.overlap()).length;
        }
        return tiles;
    }
}
