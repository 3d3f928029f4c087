package dev.preceptor.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.augment.Degradation;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShiftFitTest {
    private static final int SUBJECTS = 12;
    private static final int COPIES = 8;

    private static ShiftSignals signals(double blur, double noise) {
        return new ShiftSignals(Map.of("blur", blur, "noise", noise, "intensity", 0.5, "lesion", 1.0));
    }

    /** Subjects whose copies lose 0.4 of Dice for each unit of blur above 0.1, and nothing by noise. */
    private static final class World {
        private final SplittableRandom random;
        private final double[] promised;
        private final double[] actual;
        private final List<ShiftSignals> undegraded = new ArrayList<>();
        private final List<ShiftFit.Copy> copies = new ArrayList<>();

        World(long seed, int subjects) {
            random = new SplittableRandom(seed);
            promised = new double[subjects];
            actual = new double[subjects];
            for (int i = 0; i < subjects; i++) {
                promised[i] = 0.7 + 0.2 * random.nextDouble();
                actual[i] = promised[i] + error();
                undegraded.add(signals(i == 0 ? 0.1 : 0.1 * random.nextDouble(), 0.05));
                for (int copy = 0; copy < COPIES; copy++) {
                    copies.add(copy(i));
                }
            }
        }

        private double error() {
            return 0.1 * (random.nextDouble() - 0.5);
        }

        ShiftFit.Copy copy(int subject) {
            boolean isBlurred = random.nextBoolean();
            double blur = isBlurred ? 0.2 + 0.8 * random.nextDouble() : 0;
            double noise = isBlurred ? 0 : random.nextDouble();
            double truth = promised[subject] + error() - 0.4 * Math.max(0, blur - 0.1);
            return new ShiftFit.Copy(subject, promised[subject], truth, signals(blur, noise));
        }

        ShiftFit.Fitted fit() {
            return new ShiftFit(promised, actual, undegraded, copies).fit();
        }
    }

    @Test
    void theSignalThatTellsOfTheLossGetsTheWeight() {
        ShiftQuality shift = new World(1, SUBJECTS).fit().shift().orElseThrow();
        assertEquals(0.1, shift.levels().get("blur"));
        assertEquals(0.4, shift.weights().get("blur"), 0.06);
        assertEquals(0, shift.weights().get("noise"), 0.03);
        assertEquals(0, shift.deduction(signals(0.09, 0.05)), "a subject like those of the validation");
        assertEquals(
                shift.deduction(signals(1, 0.05)),
                shift.deduction(signals(50, 0.05)),
                0.02,
                "no further than the copies");
        assertEquals(SUBJECTS * COPIES, shift.copies());
    }

    /** The mean over many draws of subjects with one new copy each. */
    @Test
    void bothIntervalsCoverNewSubjectsAsTheySay() {
        int[] inside = new int[2];
        int[] count = new int[2];
        double[] promise = new double[2];
        for (int seed = 0; seed < 150; seed++) {
            World world = new World(seed, SUBJECTS + 1);
            int unseen = SUBJECTS;
            ShiftFit.Fitted fitted = new ShiftFit(
                            Arrays.copyOf(world.promised, SUBJECTS),
                            Arrays.copyOf(world.actual, SUBJECTS),
                            world.undegraded.subList(0, SUBJECTS),
                            world.copies.subList(0, SUBJECTS * COPIES))
                    .fit();
            ShiftQuality shift = fitted.shift().orElseThrow();
            ShiftFit.Copy copy = world.copies.get(unseen * COPIES);
            double deduction = shift.deduction(copy.signals());
            int kind = deduction > 0 ? 1 : 0;
            double dice = fitted.quality().dice(copy.promised()) - deduction;
            double half = kind == 1 ? shift.halfWidth() : fitted.quality().halfWidth();
            promise[kind] = kind == 1 ? shift.coverage() : fitted.quality().coverage();
            count[kind]++;
            inside[kind] += Math.abs(copy.actual() - dice) <= half ? 1 : 0;
        }
        for (int kind = 0; kind < 2; kind++) {
            assertTrue(
                    inside[kind] >= (promise[kind] - 0.05) * count[kind],
                    inside[kind] + " of " + count[kind] + " for " + promise[kind]);
        }
    }

    @Test
    void withoutCopiesTheLineAndItsIntervalAreThoseOfTheSubjects() {
        World world = new World(2, SUBJECTS);
        ShiftFit.Fitted alone = new ShiftFit(world.promised, world.actual, List.of(), List.of()).fit();
        assertEquals(RegionQuality.fit(world.promised, world.actual), alone.quality());
        assertEquals(Optional.empty(), alone.shift());
        assertEquals(alone.quality().slope(), world.fit().quality().slope());
    }

    @Test
    void anExpectationIsLoweredAndNeverRaised() {
        World world = new World(3, SUBJECTS);
        List<ShiftFit.Copy> better = world.copies.stream()
                .map(copy -> new ShiftFit.Copy(copy.subject(), copy.promised(), 1, copy.signals()))
                .toList();
        ShiftFit.Fitted fitted = new ShiftFit(world.promised, world.actual, world.undegraded, better).fit();
        assertEquals(Optional.empty(), fitted.shift(), "copies that are better than their subjects teach nothing");
        assertTrue(fitted.quality().halfWidth() > world.fit().quality().halfWidth());
        for (Map<String, Double> wrong : List.of(Map.of("blur", -0.1), Map.of("blur", Double.NaN), Map.of("x", 1.0))) {
            assertThrows(InvalidRecipeException.class, () -> new ShiftQuality(Map.of(), Map.of(), wrong, 0.1, 0.9, 8));
        }
    }

    @Test
    void measuresReachOtherProcessesWhole() {
        ImageMeasures measures = ImageMeasures.of(
                SubjectImages.of(List.of("T1CE"), name -> Optional.of(SmallHeads.volume(40, name))), List.of("T1CE"));
        assertEquals(measures, ImageMeasures.of(measures.toMap("m/"), "m/", List.of("T1", "T1CE")));
        assertEquals(12, measures.images().get("T1CE").size());
    }

    @Test
    void aBlurredAndANoisyHeadGiveTheirSignals() {
        ShiftSignals good = signals(SmallHeads.volume(40, "T1CE"));
        for (int seed = 0; seed < 10; seed++) {
            RandomSource random = new RandomSource(new SplittableRandom(seed));
            ShiftSignals noisy = signals(Degradation.NOISE.of(SmallHeads.volume(40, "T1CE"), random));
            ShiftSignals blurred = signals(Degradation.LOW_RESOLUTION.of(SmallHeads.volume(40, "T1CE"), random));
            assertTrue(noisy.of("noise") > good.of("noise"), "seed " + seed + ": " + noisy + " and " + good);
            assertTrue(blurred.of("blur") > good.of("blur"), "seed " + seed + ": " + blurred + " and " + good);
        }
        assertEquals(0, good.of("lesion"));
    }

    private static ShiftSignals signals(Volume image) {
        SubjectImages subject = SubjectImages.of(List.of("T1CE"), name -> Optional.of(image));
        return ShiftSignals.of(SmallHeads.profile(), ImageMeasures.of(subject, List.of("T1CE")));
    }
}
