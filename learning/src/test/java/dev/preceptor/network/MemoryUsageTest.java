package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.network.Computation.Precision;
import dev.preceptor.network.Computation.Recompute;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Torch;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A U-Net of two levels on 8^3 voxels keeps, counted by hand: at full resolution the input (1 channel), two convolutions and
 * what leaves the stage on either side (2 each), and the logits (3); at half resolution 4, 2 and 2 channels; of each of 14
 * normed channels two numbers.
 */
class MemoryUsageTest {
    private static final long FULL = (1 + 6 + 6 + 3) * 512 * 4;
    private static final long HALF = (4 + 2 + 2) * 64 * 4;
    private static final long NOTES = 14 * 2 * 4;
    private static final long ENDS_OF_STAGES = (1 + 2 + 2 + 3) * 512 * 4 + 2 * 64 * 4;

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void aForwardPassStoresTheOutputsOfConvolutions() {
        assertEquals(FULL + HALF + NOTES, kept(Computation.PLAIN, 8));
    }

    @Test
    void memoryGrowsWithTheVoxelsApartFromStatisticsOfChannels() {
        assertEquals(8 * (FULL + HALF) + NOTES, kept(Computation.PLAIN, 16));
    }

    @Test
    void bfloat16HalvesTheMemory() {
        assertEquals(
                (FULL + HALF) / 2 + NOTES,
                kept(new Computation(Precision.BFLOAT16, Recompute.NOTHING, Computation.Convolutions.DIRECT), 8));
    }

    @Test
    void withRecomputedStagesOnlyTheirOutputsAreStored() {
        assertEquals(
                ENDS_OF_STAGES,
                kept(new Computation(Precision.FLOAT32, Recompute.STAGES, Computation.Convolutions.DIRECT), 8));
    }

    @Test
    void withoutGradientsTheOutputsOfStagesAreStoredUntilTheirLastUse() {
        long skip = 4 * 2 * 8 * 8 * 8;
        try (NoGradGuard guard = new NoGradGuard()) {
            assertEquals(ENDS_OF_STAGES - skip, kept(Computation.PLAIN, 8));
        }
    }

    @Test
    void theBackwardPassPeaksAboveAndThenFreesTheMemory() {
        for (Recompute recompute : Recompute.values()) {
            try (Network network = network();
                    PointerScope scope = new PointerScope()) {
                Features features = network.forward(
                        torch.zeros(1, 1, 8, 8, 8),
                        new Computation(Precision.FLOAT32, recompute, Computation.Convolutions.DIRECT));
                features.logits().sum().backward();
                long kept = features.memoryUsage().kept();
                features.backward();
                MemoryUsage after = features.memoryUsage();
                assertTrue(after.most() > kept, recompute + " " + after);
                assertTrue(after.kept() < kept / 2, recompute + " " + after);
                assertTrue(after.most() < FULL + HALF + ENDS_OF_STAGES, recompute + " " + after);
            }
        }
    }

    private static long kept(Computation computation, int edge) {
        try (Network network = network();
                PointerScope scope = new PointerScope()) {
            return network.forward(torch.zeros(1, 1, edge, edge, edge), computation)
                    .memoryUsage()
                    .kept();
        }
    }

    private static Network network() {
        return Networks.build(new NetworkSpec(UNet.NAME, 1, 3, Map.of("widths", List.of(2, 4), "skips", 1)), 1);
    }
}
