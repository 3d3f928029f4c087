package dev.preceptor.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TemperaturesTest {
    /** Probabilities whose log odds are {@code factor} times those with which the reference is drawn. */
    private static LogitHistogram drawn(double factor, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] probabilities = new float[40_000];
        BitSet reference = new BitSet();
        for (int i = 0; i < probabilities.length; i++) {
            double logit = 6 * random.nextDouble() - 4;
            reference.set(i, random.nextDouble() < 1 / (1 + Math.exp(-logit)));
            probabilities[i] = (float) (1 / (1 + Math.exp(-factor * logit)));
        }
        return LogitHistogram.of(probabilities, reference, new BitSet(), 0.001);
    }

    private static float[] calibrated(double temperature, float... probabilities) {
        float[] copy = probabilities.clone();
        new Temperatures(Map.of("WT", temperature)).calibrate(List.of("WT"), List.of(copy));
        return copy;
    }

    @Test
    void theTableIsAsGoodAsThePower() {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 200; i++) {
            double temperature = 0.3 + 3 * random.nextDouble();
            float[] probabilities = new float[100];
            for (int j = 0; j < probabilities.length; j++) {
                double logit = 30 * random.nextDouble() - 15;
                probabilities[j] = (float) (1 / (1 + Math.exp(-logit)));
            }
            float[] found = calibrated(temperature, probabilities);
            for (int j = 0; j < found.length; j++) {
                double p = probabilities[j];
                double exact = 1 / (1 + Math.pow((1 - p) / p, 1 / temperature));
                assertEquals(exact, found[j], 1e-7 + 2e-4 * Math.min(exact, 1 - exact), p + " at " + temperature);
            }
        }
    }

    @Test
    void theTemperatureThatMadeProbabilitiesOverconfidentIsFound() {
        for (double factor : new double[] {0.5, 1, 2.5}) {
            double found = Temperatures.fit(List.of(drawn(factor, 1), drawn(factor, 2)));
            assertEquals(factor, found, 0.06 * factor, "factor " + factor);
        }
    }

    @Test
    void aRegionThatNobodyHasKeepsItsProbabilities() {
        LogitHistogram nothing = LogitHistogram.of(new float[] {0.2f, 0.4f}, 1);
        assertEquals(1, Temperatures.fit(List.of(nothing)));
    }

    @Test
    void noVoxelEntersOrLeavesAMask() {
        SplittableRandom random = new SplittableRandom(3);
        float[] probabilities = new float[10_000];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = i < 9_000 ? (float) random.nextDouble() : 0.5f + (i - 9_500) * Math.ulp(0.5f);
        }
        for (double temperature : new double[] {0.1, 0.7, 3, 10}) {
            float[] calibrated = calibrated(temperature, probabilities);
            for (int i = 0; i < probabilities.length; i++) {
                assertEquals(probabilities[i] > 0.5f, calibrated[i] > 0.5f, "voxel " + i + " at " + temperature);
            }
        }
    }

    @Test
    void oneHalfZeroAndOneStayAndLogOddsAreDivided() {
        float[] calibrated = calibrated(2, 0, 0.5f, 1, 0.9f);
        assertEquals(0, calibrated[0]);
        assertEquals(0.5f, calibrated[1]);
        assertEquals(1, calibrated[2]);
        // PyTorch: torch.sigmoid(torch.logit(torch.tensor(0.9)) / 2)
        assertEquals(0.75f, calibrated[3], 1e-6);
    }

    @Test
    void whatRoundingPutsAboveOneCountsAsOne() {
        float above = Math.nextUp(1f);
        assertEquals(
                LogitHistogram.of(new float[] {1}, 1).toMap(""),
                LogitHistogram.of(new float[] {above}, 1).toMap(""));
    }

    @Test
    void anEnsembleHasTheGeometricMean() {
        Temperatures mean = Temperatures.mean(List.of(new Temperatures(Map.of("WT", 4.0)), Temperatures.NONE));
        assertEquals(2, mean.of("WT"), 1e-12);
        assertEquals(1, mean.of("ET"));
    }

    @Test
    void aTemperatureOutOfRangeIsRefused() {
        assertThrows(InvalidRecipeException.class, () -> new Temperatures(Map.of("WT", 0.01)));
        assertThrows(InvalidRecipeException.class, () -> new Temperatures(Map.of("WT", Double.NaN)));
    }

    @Test
    void expectedDiceIsThatOfTheProbabilities() {
        // Two voxels of 0.9 in the mask and one of 0.3 outside: 2 * 1.8 / (2 + 2.1), each of 100 ml.
        LogitHistogram histogram = LogitHistogram.of(new float[] {0.9f, 0.9f, 0.3f, 0}, 100);
        assertEquals(3.6 / 4.1, histogram.expectedDice(1), 5e-3);
        assertTrue(LogitHistogram.of(new float[] {0, 0}, 1).expectedDice(1) == 1);
        assertTrue(LogitHistogram.of(new float[] {0.4f, 0.4f}, 1).expectedDice(1) < 0.2);
    }

    @Test
    void aHistogramSurvivesItsMap() {
        LogitHistogram histogram = drawn(1, 5);
        LogitHistogram copy = LogitHistogram.of(histogram.toMap("WT/"), "WT/");
        assertEquals(histogram.toMap(""), copy.toMap(""));
    }
}
