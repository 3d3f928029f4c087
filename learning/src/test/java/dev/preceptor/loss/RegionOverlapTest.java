package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Counts of masks against those of {@link BitSet}. */
class RegionOverlapTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void voxelsOfBatchesAddUp() {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int regions = random.nextInt(1, 4);
            BitSet[] predicted = bits(regions);
            BitSet[] reference = bits(regions);
            RegionOverlap overlap = new RegionOverlap(regions);
            try (PointerScope scope = new PointerScope()) {
                for (int batch = 0; batch < 3; batch++) {
                    overlap.add(RegionOverlap.of(masks(predicted, batch, random), masks(reference, batch, random)));
                }
            }
            for (int r = 0; r < regions; r++) {
                BitSet both = (BitSet) predicted[r].clone();
                both.and(reference[r]);
                String message = "seed " + seed + ", region " + r;
                assertEquals(both.cardinality(), overlap.both(r), message);
                assertEquals(predicted[r].cardinality(), overlap.predicted(r), message);
                assertEquals(reference[r].cardinality(), overlap.reference(r), message);
                assertEquals(
                        2.0 * both.cardinality() / (predicted[r].cardinality() + reference[r].cardinality()),
                        overlap.dice(r),
                        message);
            }
        }
    }

    private static BitSet[] bits(int regions) {
        BitSet[] bits = new BitSet[regions];
        Arrays.setAll(bits, r -> new BitSet());
        return bits;
    }

    /** Random masks [2, R, 3, 4, 5] of a batch, whose voxels are added to the bits of each region. */
    private static Tensor masks(BitSet[] bits, int batch, SplittableRandom random) {
        int voxels = 3 * 4 * 5;
        float[] values = new float[2 * bits.length * voxels];
        for (int i = 0; i < values.length; i++) {
            if (random.nextBoolean()) {
                values[i] = 1;
                int sample = i / voxels / bits.length;
                bits[i / voxels % bits.length].set((2 * batch + sample) * voxels + i % voxels);
            }
        }
        return Tensors.of(values, 2, bits.length, 3, 4, 5).to(torch.ScalarType.Bool);
    }

    @Test
    void voxelsBeyondThePrecisionOfAFloatAreCounted() {
        try (PointerScope scope = new PointerScope()) {
            Tensor all = torch.ones(1, 1, 257, 256, 256).to(torch.ScalarType.Bool);
            Tensor most = all.clone();
            most.select(2, 0).select(2, 0).select(2, 0).logical_not_();
            RegionOverlap overlap = RegionOverlap.of(most, all);
            assertEquals(257 * 256 * 256 - 1, overlap.both(0));
            assertEquals(257 * 256 * 256 - 1, overlap.predicted(0));
            assertEquals(257 * 256 * 256, overlap.reference(0));
        }
    }

    @Test
    void aRegionInNeitherMaskHasADiceOfOneAndInOneMaskOfZero() {
        assertEquals(1, new RegionOverlap(1).dice(0));
        assertEquals(0, RegionOverlap.dice(0, 3, 0));
        assertEquals(0.5, RegionOverlap.dice(1, 3, 1));
    }
}
