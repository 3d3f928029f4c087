package dev.preceptor.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the patients of {@link PhantomVariant#VARIOUS} differ in. */
class VariousPatientsTest {
    private static final RandomStreams STREAMS = new RandomStreams(1);
    private static final double MIDLINE = -118.5;

    private static List<TumourPlan> plans(int subjects) {
        return IntStream.range(0, subjects)
                .mapToObj(i ->
                        VariousTumours.draw(STREAMS, i, new ProceduralAnatomy(STREAMS, i), Deformation.of(STREAMS, i)))
                .toList();
    }

    private static Lesion lesion(double x, double push) {
        Lesion random = Lesion.of(new double[] {x, 115, 85}, 30000, 1, new SplittableRandom(1));
        return new Lesion(
                random.centre(),
                random.volume(),
                random.radius(),
                push,
                random.frame(),
                random.surface(),
                random.roughness());
    }

    @Test
    void someTumoursDoNotEnhanceSomeBleedSomeAreCysticAndSomeAreSeveral() {
        List<TumourPlan> plans = plans(300);
        assertEquals(0.10, share(plans, plan -> plan.nature().enhancement() == 0), 0.06);
        assertEquals(
                0.17,
                share(
                        plans,
                        plan -> plan.nature().enhancement() > 0 && plan.nature().enhancement() < 0.7),
                0.07);
        assertEquals(0.20, share(plans, plan -> plan.nature().blood() > 0), 0.07);
        assertEquals(0.17, share(plans, plan -> plan.nature().isCystic()), 0.07);
        assertEquals(0.34, share(plans, plan -> plan.lesions().size() > 1), 0.08);
        assertTrue(share(plans, plan -> Math.abs(plan.massEffect().shift().millimetres()) > 5) > 0.2);
    }

    private static double share(List<TumourPlan> plans, Predicate<TumourPlan> holds) {
        return (double) plans.stream().filter(holds).count() / plans.size();
    }

    @Test
    void aTumourWithoutEnhancementHasNoEnhancingLabelOfAnyAnnotator() {
        PhantomRecipe recipe = PhantomRecipe.defaults().withSize(40);
        List<TumourPlan> plans = plans(40);
        int index = IntStream.range(0, plans.size())
                .filter(i -> plans.get(i).enhancing() == 0)
                .findFirst()
                .orElseThrow();
        PhantomSubject subject = PhantomSubject.of(recipe, index);
        assertEquals(0, subject.clean().mask(Region.ET).cardinality());
        assertEquals(0, subject.annotated().mask(Region.ET).cardinality());
        assertTrue(subject.annotated().mask(Region.TC).cardinality() > 0);
    }

    @Test
    void voxelsAreZeroExactlyOutsideTheBrain() {
        PhantomSubject subject = PhantomSubject.of(PhantomRecipe.defaults().withSize(40), 3);
        subject.volumes().forEach((sequence, volume) -> {
            for (int i = 0; i < volume.voxels().length; i++) {
                assertEquals(
                        subject.tissues().voxels()[i] != 0,
                        volume.voxels()[i] >= 1,
                        sequence + " voxel " + i + " holds " + volume.voxels()[i]);
            }
        });
    }

    @Test
    void theMidlineMovesAwayFromTheLesion() {
        for (double side : new double[] {-30, 30}) {
            MidlineShift shift = MidlineShift.awayFrom(lesion(MIDLINE + side, 0), 8);
            // The tissue at this point was at the midline, so it has moved by 8 mm to the other side.
            double[] point = {MIDLINE - Math.signum(side) * 8, 115, 85};
            shift.undo(point);
            assertEquals(MIDLINE, point[0], 0.6, "lesion at " + side + " mm");
            double[] far = {MIDLINE + 100, 115, 85};
            shift.undo(far);
            assertEquals(MIDLINE + 100, far[0], 0.01);
        }
    }

    @Test
    void theMidlineShiftsByFourteenMillimetresAtMost() {
        assertEquals(-14, MidlineShift.awayFrom(lesion(MIDLINE + 30, 0), 50).millimetres());
    }

    @Test
    void massEffectPushesTissueButNotTheSkull() {
        MassEffect effect = new MassEffect(List.of(lesion(MIDLINE + 20, 10)), MidlineShift.NONE, true);
        double[] deep = {MIDLINE - 5, 115, 85};
        effect.undo(deep);
        assertTrue(deep[0] > MIDLINE - 1, "tissue comes from nearer to the lesion: " + deep[0]);
        double[] skull = {MIDLINE + 68, 115, 80};
        effect.undo(skull);
        assertArrayEquals(new double[] {MIDLINE + 68, 115, 80}, skull);
    }

    @Test
    void aThirdOfThePatientsHasNoWhiteMatterDisease() {
        int none = 0;
        for (int i = 0; i < 300; i++) {
            WhiteMatterDisease disease = WhiteMatterDisease.draw(STREAMS, i);
            double atVentricle = disease.strength(new double[] {-100, 115, 85}, 1);
            assertEquals(disease.halo() > 0, atVentricle > 0, "subject " + i);
            none += disease.halo() == 0 ? 1 : 0;
        }
        assertEquals(0.35, none / 300.0, 0.08);
    }

    @Test
    void scannersDifferBetweenSubjectsAndSequencesOfOneShareTheirTraits() {
        ScannerProfile first = ScannerProfile.draw(new RandomSource(new SplittableRandom(1)));
        ScannerProfile second = ScannerProfile.draw(new RandomSource(new SplittableRandom(2)));
        assertNotEquals(first, second);
        RandomSource sequences = new RandomSource(new SplittableRandom(3));
        for (Contrast contrast : Contrast.brats()) {
            Scanner scanner = first.scanner(contrast, sequences);
            assertEquals(first.noise(), scanner.noise(), first.noise());
            assertTrue(scanner.blur()[2] >= first.plane(), "no slice is sharper than the plane");
            assertTrue(scanner.gamma() > 0.6 && scanner.gamma() < 1.6, "gamma " + scanner.gamma());
        }
    }

    @Test
    void vesselsOfTheSinusesAreAtTheMidlineAndAtTheTentorium() {
        VenousSinuses sinuses = new VenousSinuses(4);
        assertEquals(1, sinuses.fraction(new double[] {MIDLINE, 30, 100}, 1, 1), "sagittal");
        assertEquals(1, sinuses.fraction(new double[] {MIDLINE + 40, 40, 48}, 1, 1), "transverse");
        assertEquals(1, sinuses.fraction(new double[] {MIDLINE, 48, 58}, 1, 0), "straight");
        assertEquals(0, sinuses.fraction(new double[] {MIDLINE + 40, 130, 90}, 1, 1), "elsewhere");
        assertEquals(0, sinuses.fraction(new double[] {MIDLINE, 30, 100}, 1, 0), "away from the surface");
    }
}
