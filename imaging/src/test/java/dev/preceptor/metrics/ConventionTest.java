package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.RandomMasks;
import dev.preceptor.volume.Size;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ConventionTest {
    private static final Grid GRID = Grid.of(Cubes.SIZE, 1);
    private static final BitSet EMPTY = new BitSet();
    private static final BitSet LESION = new Cubes().cube(5, 5, 5, 5).mask();
    private static final double UNDEFINED = Double.NaN;

    @Nested
    class WhereAMaskIsEmpty {
        @Test
        void legacyBratsScoresOneForBothEmptyAndTheDiagonalForOneEmpty() {
            assertScores(Convention.BRATS_LEGACY, 1, 0, 0, 0, 373.12866);
        }

        @Test
        void nnUNetLeavesBothEmptyUndefined() {
            assertScores(Convention.NNUNET, UNDEFINED, UNDEFINED, 0, 0, UNDEFINED);
        }

        @Test
        void monaiLeavesEveryEmptyReferenceUndefined() {
            assertScores(Convention.MONAI, UNDEFINED, UNDEFINED, UNDEFINED, 0, UNDEFINED);
        }

        @Test
        void brats2023HasAPenaltyOf374() {
            assertScores(Convention.LESIONWISE_2023, 1, 0, 0, 0, 374);
        }

        @Test
        void brats2024HasAPenaltyOf337() {
            assertScores(Convention.LESIONWISE_2024, 1, 0, 0, 0, 337);
        }

        @Test
        void rfnetHasNoDistances() {
            assertScores(Convention.RFNET, 1, UNDEFINED, 0, 0, UNDEFINED);
        }

        @Test
        void acnScoresOneMillimetreForOneEmpty() {
            assertScores(Convention.ACN, 1, 0, 0, 0, 1);
        }

        private void assertScores(
                Convention convention,
                double bothDice,
                double bothHd95,
                double referenceEmptyDice,
                double predictionEmptyDice,
                double oneEmptyHd95) {
            RegionScore both = convention.score(EMPTY, EMPTY, GRID);
            RegionScore referenceEmpty = convention.score(LESION, EMPTY, GRID);
            RegionScore predictionEmpty = convention.score(EMPTY, LESION, GRID);
            assertEquals(bothDice, both.dice());
            assertEquals(bothHd95, both.hd95Mm());
            assertEquals(referenceEmptyDice, referenceEmpty.dice());
            assertEquals(oneEmptyHd95, referenceEmpty.hd95Mm());
            assertEquals(predictionEmptyDice, predictionEmpty.dice());
            assertEquals(oneEmptyHd95, predictionEmpty.hd95Mm());
        }
    }

    @Test
    void surfaceDiceOfEmptyMasksFollowsTheConvention() {
        assertEquals(1, surfaceDice(Convention.BRATS_LEGACY, EMPTY, EMPTY));
        assertEquals(0, surfaceDice(Convention.BRATS_LEGACY, LESION, EMPTY));
        assertEquals(0, surfaceDice(Convention.BRATS_LEGACY, EMPTY, LESION));
        assertEquals(UNDEFINED, surfaceDice(Convention.NNUNET, EMPTY, EMPTY));
        assertEquals(UNDEFINED, surfaceDice(Convention.MONAI, LESION, EMPTY));
        assertEquals(UNDEFINED, surfaceDice(Convention.RFNET, LESION, LESION));
        assertEquals(1, surfaceDice(Convention.MONAI, LESION, LESION));
    }

    private static double surfaceDice(Convention convention, BitSet prediction, BitSet reference) {
        return convention
                .score(prediction, reference, GRID)
                .surfaceDice()
                .get(0)
                .value();
    }

    @Test
    void aLesionWiseConventionHasThePenaltyOfItsChallenge() {
        Scoring paediatric = new Scoring(Convention.LESIONWISE_2024, Challenge.PED, List.of());
        assertEquals(374, paediatric.score(LESION, EMPTY, GRID).hd95Mm());
    }

    @Test
    void aChallengeWithoutRulesOfThatYearIsRefusedInOneLine() {
        String message = assertThrows(
                        MismatchException.class,
                        () -> new Scoring(Convention.LESIONWISE_2024, Challenge.MET, List.of()))
                .getMessage();
        assertTrue(message.contains("MET") && message.contains("LESIONWISE_2023"), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void everyConventionReportsSliceDiceBesideVolumetricDice() {
        for (Convention convention : Convention.values()) {
            RegionScore score = convention.score(EMPTY, LESION, GRID);
            assertEquals(59.0 / 64, score.sliceDice(), 1e-6);
            assertEquals(0, score.overlap().dice());
            assertEquals(convention == Convention.SLICE_MTCM ? 59.0 / 64 : 0, score.dice(), 1e-6);
        }
    }

    @Test
    void sliceDiceOfMtcmRewardsAnEmptyPredictionWithItsEmptySlices() {
        RegionScore score = Convention.SLICE_MTCM.score(EMPTY, LESION, GRID);
        assertEquals(59.0 / 64, score.dice(), 1e-6);
        assertEquals(1, Convention.SLICE_MTCM.score(EMPTY, EMPTY, GRID).dice());
        BitSet half = new Cubes().cube(5, 5, 5, 5).mask();
        half.andNot(new Cubes().cube(5, 7, 5, 5).mask());
        assertEquals(61.0 / 64, Convention.SLICE_MTCM.score(half, LESION, GRID).dice(), 1e-6);
    }

    @Test
    void volumesAreMillilitresOfTheGrid() {
        RegionScore score = Convention.BRATS_LEGACY.score(LESION, EMPTY, Grid.of(Cubes.SIZE, 2));
        assertEquals(1.0, score.predictedMl(), 1e-12);
        assertEquals(0.0, score.referenceMl());
        assertEquals(1.0, score.volumeDifferenceMl(), 1e-12);
    }

    @Test
    void ratiosAgreeWithCountingVoxelByVoxel() {
        for (int seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = RandomMasks.size(random, 8);
            BitSet p = RandomMasks.mask(random, size);
            BitSet g = RandomMasks.mask(random, size);
            long[] counts = new long[4];
            for (int i = 0; i < size.voxels(); i++) {
                counts[(p.get(i) ? 0 : 2) + (g.get(i) ? 0 : 1)]++;
            }
            ConfusionCounts overlap = ConfusionCounts.of(p, g, size.voxels());
            assertEquals(new ConfusionCounts(counts[0], counts[1], counts[2], counts[3]), overlap, "seed " + seed);
            RegionScore score = Convention.BRATS_LEGACY.score(p, g, Grid.of(size, 1));
            double dice = score.dice();
            assertEquals(2.0 * counts[0] / (p.cardinality() + g.cardinality()), dice, 1e-12, "seed " + seed);
            assertEquals(dice / (2 - dice), overlap.intersectionOverUnion(), 1e-12, "seed " + seed);
            assertEquals((double) counts[0] / g.cardinality(), score.sensitivity(), 1e-12, "seed " + seed);
        }
    }
}
