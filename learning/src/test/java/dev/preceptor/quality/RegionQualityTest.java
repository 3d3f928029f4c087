package dev.preceptor.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RegionQualityTest {
    private static final ImageMeasures NOTHING = new ImageMeasures(Map.of(), List.of());

    @Test
    void aConstantOptimismIsTakenOff() {
        RegionQuality quality =
                RegionQuality.fit(new double[] {0.7, 0.8, 0.9, 0.75, 0.85}, new double[] {0.6, 0.7, 0.8, 0.65, 0.75});
        assertEquals(0.7, quality.dice(0.8), 1e-4);
        assertEquals(0, quality.halfWidth(), 1e-4);
    }

    @Test
    void fewSubjectsCannotPromiseNinetyPercent() {
        double[] promised = {0.7, 0.8, 0.9, 0.75, 0.85};
        assertEquals(5.0 / 6, RegionQuality.fit(promised, promised).coverage(), 1e-4);
    }

    /** The mean over many draws, for one draw of a few subjects may cover less. */
    @Test
    void theIntervalCoversNewSubjectsAsItSays() {
        for (int subjects : new int[] {5, 8, 30}) {
            int inside = 0;
            double coverage = 0;
            int draws = 2000;
            for (int seed = 0; seed < draws; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                double[] promised = new double[subjects + 1];
                double[] actual = new double[subjects + 1];
                for (int i = 0; i <= subjects; i++) {
                    promised[i] = 0.5 + 0.4 * random.nextDouble();
                    actual[i] = promised[i] - 0.1 + 0.2 * (random.nextDouble() - 0.5);
                }
                RegionQuality quality =
                        RegionQuality.fit(Arrays.copyOf(promised, subjects), Arrays.copyOf(actual, subjects));
                coverage = quality.coverage();
                inside += Math.abs(actual[subjects] - quality.dice(promised[subjects])) <= quality.halfWidth() ? 1 : 0;
            }
            assertTrue(inside >= (coverage - 0.03) * draws, subjects + " subjects: " + inside + " of " + draws);
        }
    }

    @Test
    void withoutAFittedMapTheProbabilitiesPromiseAndItIsSaid() {
        DiceEstimate estimate = Reliability.estimate(
                        List.of(Reliability.NONE),
                        List.of("WT"),
                        List.of(new float[] {0.9f, 0.9f}),
                        100,
                        Map.of(),
                        List.of(),
                        NOTHING)
                .get("WT");
        assertEquals(3.6 / 3.8, estimate.dice(), 5e-3);
        assertEquals("0.95 (not fitted)", estimate.toString());
    }

    @Test
    void masksThatDisagreeWidenTheInterval() {
        RegionQuality quality = new RegionQuality(0.9, 0, 0, 0.05, 0.9, 9);
        Reliability model = new Reliability(Temperatures.NONE, Map.of("WT", quality), Map.of(), Optional.empty());
        DiceEstimate estimate = Reliability.estimate(
                        List.of(model),
                        List.of("WT"),
                        List.of(new float[] {0.99f}),
                        100,
                        Map.of("WT", 0.6),
                        List.of(),
                        NOTHING)
                .get("WT");
        assertEquals(0.6, estimate.lower(), 1e-12);
        assertTrue(estimate.upper() > 0.95);
    }

    /** By hand: 0.5 + 0.1 + 0.5 (0.8 x promised - 0.5), where one voxel of 0.99 in 100 ml promises 1.98 / 1.99. */
    @Test
    void oneModelWithMirroringsHasItsOwnMap() {
        RegionQuality plain = new RegionQuality(0.9, 0, 0, 0.05, 0.9, 9);
        RegionQuality mirrored = new RegionQuality(0.5, 0.1, -0.5, 0.3, 0.875, 7);
        Reliability model =
                new Reliability(Temperatures.NONE, Map.of("WT", plain), Map.of("WT", mirrored), Optional.empty());
        float[] region = {0.99f};
        DiceEstimate one = Reliability.estimate(
                        List.of(model), List.of("WT"), List.of(region), 100, Map.of("WT", 0.8), List.of(), NOTHING)
                .get("WT");
        assertEquals(0.6 + 0.5 * (0.8 * 1.98 / 1.99 - 0.5), one.dice(), 2e-3);
        assertEquals(one.dice() - 0.3, one.lower(), 1e-12);
        assertEquals(7, one.subjects());
        DiceEstimate without = Reliability.estimate(
                        List.of(model), List.of("WT"), List.of(region), 100, Map.of(), List.of(), NOTHING)
                .get("WT");
        assertEquals(9, without.subjects());
        DiceEstimate ensemble = Reliability.estimate(
                        List.of(model, model),
                        List.of("WT"),
                        List.of(region),
                        100,
                        Map.of("WT", 0.8),
                        List.of(),
                        NOTHING)
                .get("WT");
        assertEquals(9, ensemble.subjects());
    }

    @Test
    void ofAnImageUnlikeTheTrainingNoLowerBoundIsPromised() {
        RegionQuality quality = new RegionQuality(0.9, 0, 0, 0.05, 0.9, 9);
        Reliability model = new Reliability(Temperatures.NONE, Map.of("WT", quality), Map.of(), Optional.empty());
        GuardFinding passes = new GuardFinding(Guard.CUT_OFF, 0.1, 0.2, false, "");
        GuardFinding fires = new GuardFinding(Guard.LOW_RESOLUTION, 0.3, 0.2, false, "");
        float[] region = {0.99f};
        DiceEstimate like = Reliability.estimate(
                        List.of(model), List.of("WT"), List.of(region), 100, Map.of(), List.of(passes), NOTHING)
                .get("WT");
        DiceEstimate unlike = Reliability.estimate(
                        List.of(model), List.of("WT"), List.of(region), 100, Map.of(), List.of(passes, fires), NOTHING)
                .get("WT");
        assertEquals(like.dice(), unlike.dice());
        assertTrue(like.lower() > 0.9);
        assertEquals(0, unlike.lower());
        assertEquals(like.upper(), unlike.upper());
        assertTrue(Double.isNaN(unlike.coverage()));
        assertTrue(unlike.toString().endsWith(" (not like the training: no lower bound)"), unlike::toString);
    }
}
