package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lesion-wise scores of cubes, computed with the official code of BraTS 2023. */
class LesionWiseTest {
    private static final Grid GRID = Grid.of(Cubes.SIZE, 1);

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void scoresAsTheOfficialCode(
            String name,
            Cubes reference,
            Cubes prediction,
            double lwDice,
            double lwHd95,
            double dice,
            double hd95,
            int falsePositives,
            int scoredLesions) {
        LesionWise lesions = LesionWise.of(
                prediction.mask(), reference.mask(), GRID, new LesionRules(2023, Challenge.GLI), Region.WT);
        assertEquals(lwDice, lesions.dice(), 1e-6);
        assertEquals(lwHd95, lesions.hd95Mm(), 1e-6);
        assertEquals(falsePositives, lesions.falsePositives());
        assertEquals(scoredLesions, lesions.found() + lesions.missed());
        RegionScore whole = Convention.LESIONWISE_2023.score(prediction.mask(), reference.mask(), GRID);
        assertEquals(dice, whole.dice(), 1e-6);
        assertEquals(hd95, whole.hd95Mm(), 1e-6);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void regionsWithTheSameVoxelsHaveTheScoresOfEachAlone(String name, Cubes reference, Cubes prediction) {
        LesionRules rules = new LesionRules(2023, Challenge.GLI);
        Scoring scoring = new Scoring(Convention.LESIONWISE_2023, Challenge.GLI, List.of(1.0));
        SubjectScores scores = SubjectScores.of(enhancing(prediction), enhancing(reference), scoring, 2);
        assertEquals(
                List.of(Region.WT, Region.TC, Region.ET),
                List.copyOf(scores.brats().keySet()));
        scores.brats()
                .forEach((region, brats) -> assertEquals(
                        LesionWise.of(prediction.mask(), reference.mask(), GRID, rules, region), brats.lesions()));
        RegionScore alone = Convention.LESIONWISE_2023.score(prediction.mask(), reference.mask(), GRID);
        scores.regions().values().forEach(whole -> {
            assertEquals(alone.dice(), whole.dice());
            assertEquals(alone.hd95Mm(), whole.hd95Mm());
        });
    }

    private static LabelMap enhancing(Cubes cubes) {
        byte[] voxels = new byte[Cubes.SIZE.voxels()];
        cubes.mask().stream().forEach(voxel -> voxels[voxel] = 3);
        return new LabelMap(GRID, voxels, LabelSpace.BRATS_2023);
    }

    private static Stream<Arguments> table() {
        Cubes first = of().cube(5, 5, 5, 5);
        return Stream.of(
                row(
                        "A: a missed lesion and a false positive",
                        of().cube(5, 5, 5, 5).cube(5, 40, 5, 5),
                        of().cube(5, 5, 5, 5).cube(3, 20, 30, 20),
                        1.0 / 3,
                        249 + 1.0 / 3,
                        0.621891,
                        34.014703,
                        1,
                        2),
                row("B: shifted by two", first, of().cube(5, 7, 5, 5), 0.6, 2, 0.6, 2, 0, 1),
                row(
                        "C5: a gap of 5 voxels is bridged",
                        of().cube(5, 5, 5, 5).cube(5, 15, 5, 5),
                        first,
                        2.0 / 3,
                        10,
                        2.0 / 3,
                        10,
                        0,
                        1),
                row(
                        "C6: a gap of 6 voxels is bridged",
                        of().cube(5, 5, 5, 5).cube(5, 16, 5, 5),
                        first,
                        2.0 / 3,
                        11,
                        2.0 / 3,
                        11,
                        0,
                        1),
                row(
                        "C7: a gap of 7 voxels separates lesions",
                        of().cube(5, 5, 5, 5).cube(5, 17, 5, 5),
                        first,
                        0.5,
                        187,
                        2.0 / 3,
                        12,
                        0,
                        2),
                row("D: a missed small lesion is not scored", of().cube(3, 5, 5, 5), of(), 1, 0, 0, 374, 0, 0),
                row("E: both empty", of(), of(), 1, 0, 1, 0, 0, 0),
                row("F: a small false positive is scored", of(), of().cube(2, 5, 5, 5), 0, 374, 0, 374, 1, 0),
                row("G: prediction empty", of().cube(6, 5, 5, 5), of(), 0, 374, 0, 374, 0, 1),
                row(
                        "H: a found small lesion is not scored",
                        of().cube(3, 5, 5, 5),
                        of().cube(3, 5, 5, 5).cube(1, 30, 30, 30),
                        0,
                        374,
                        0.981818,
                        0,
                        1,
                        0),
                row(
                        "I: near but not touching",
                        of().cube(6, 5, 5, 5),
                        of().cube(4, 14, 5, 5),
                        0,
                        374,
                        0,
                        9.055385,
                        1,
                        1));
    }

    private static Cubes of() {
        return new Cubes();
    }

    private static Arguments row(
            String name,
            Cubes reference,
            Cubes prediction,
            double lwDice,
            double lwHd95,
            double dice,
            double hd95,
            int falsePositives,
            int scoredLesions) {
        return Arguments.of(name, reference, prediction, lwDice, lwHd95, dice, hd95, falsePositives, scoredLesions);
    }
}
