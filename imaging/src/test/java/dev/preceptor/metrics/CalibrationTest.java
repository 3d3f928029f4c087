package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    private static final Size SIZE = new Size(40, 30, 28);
    private static final Grid GRID = Grid.of(SIZE, 1);

    @Test
    void certainAndCorrectProbabilitiesHaveNoError() {
        BitSet truth = box(5, 9);
        ReliabilityDiagram everywhere =
                Calibration.of(new Volume(GRID, certain(truth)), truth).everywhere();
        assertEquals(0, everywhere.brier());
        assertEquals(0, everywhere.expectedError());
        assertEquals(SIZE.voxels(), everywhere.voxels());
    }

    @Test
    void certainAndWrongProbabilitiesCountByTheirFractionOfVoxels() {
        BitSet truth = box(5, 9);
        ReliabilityDiagram everywhere = Calibration.of(new Volume(GRID, new float[SIZE.voxels()]), truth)
                .everywhere();
        double fraction = truth.cardinality() / (double) SIZE.voxels();
        assertEquals(fraction, everywhere.brier(), 1e-12);
        assertEquals(fraction, everywhere.expectedError(), 1e-12);
    }

    @Test
    void theBoxAroundTheTumourExcludesDistantBackground() {
        BitSet truth = new BitSet();
        truth.set(SIZE.index(20, 15, 14));
        Calibration calibration = Calibration.of(new Volume(GRID, new float[SIZE.voxels()]), truth);
        assertEquals(21 * 21 * 21, calibration.aroundTumour().voxels());
        assertEquals(1.0 / (21 * 21 * 21), calibration.aroundTumour().brier(), 1e-12);
    }

    @Test
    void agreesWithCountingBinByBin() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            float[] probabilities = new float[SIZE.voxels()];
            BitSet truth = new BitSet();
            for (int i = 0; i < probabilities.length; i++) {
                probabilities[i] = random.nextInt(50) == 0 ? 1 : (float) random.nextDouble();
                truth.set(i, random.nextDouble() < probabilities[i] * probabilities[i]);
            }
            double brier = 0;
            double error = 0;
            for (int bin = 0; bin < ReliabilityDiagram.BINS; bin++) {
                double gap = 0;
                for (int i = 0; i < probabilities.length; i++) {
                    double p = probabilities[i];
                    boolean isLast = bin == ReliabilityDiagram.BINS - 1;
                    if (p * ReliabilityDiagram.BINS >= bin && (isLast || p * ReliabilityDiagram.BINS < bin + 1)) {
                        gap += p - (truth.get(i) ? 1 : 0);
                        brier += Math.pow(p - (truth.get(i) ? 1 : 0), 2);
                    }
                }
                error += Math.abs(gap);
            }
            ReliabilityDiagram found =
                    Calibration.of(new Volume(GRID, probabilities), truth).everywhere();
            assertEquals(brier / SIZE.voxels(), found.brier(), 1e-12, "seed " + seed);
            assertEquals(error / SIZE.voxels(), found.expectedError(), 1e-12, "seed " + seed);
            assertTrue(found.expectedError() > 0.1, "seed " + seed);
        }
    }

    @Test
    void refusesValuesThatAreNotProbabilities() {
        for (float value : new float[] {-0.1f, 1.5f, Float.NaN}) {
            float[] probabilities = new float[SIZE.voxels()];
            probabilities[3] = value;
            Volume volume = new Volume(GRID, probabilities);
            assertThrows(IllegalArgumentException.class, () -> Calibration.of(volume, new BitSet()));
        }
    }

    private static BitSet box(int from, int to) {
        BitSet mask = new BitSet();
        for (int z = from; z < to; z++) {
            for (int y = from; y < to; y++) {
                mask.set(SIZE.index(from, y, z), SIZE.index(to, y, z));
            }
        }
        return mask;
    }

    private static float[] certain(BitSet truth) {
        float[] probabilities = new float[SIZE.voxels()];
        truth.stream().forEach(i -> probabilities[i] = 1);
        return probabilities;
    }
}
