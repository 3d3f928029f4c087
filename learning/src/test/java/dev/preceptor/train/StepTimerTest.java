package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StepTimerTest {
    private static final List<String> TINY = List.of(
            "network.widths=[2, 4]",
            "network.skips=1",
            "sampling.patch=[8, 8, 8]",
            "sampling.batch=2",
            "sampling.stepsPerEpoch=0",
            "optimization.epochs=3",
            "optimization.teacherEpochs=5");

    private final StepTimer timer = new StepTimer(LabelSpace.BRATS_2018, "cpu");

    @BeforeEach
    void openLibtorch() {
        Torch.open();
    }

    private static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(TINY);
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    @Test
    void countsTheStepsOfEachPhaseAsTheTrainerDoes() {
        List<StepTimer.PhaseTime> phases = timer.time(recipe("kd-net-small"), Optional.empty(), 7);
        assertEquals(
                List.of("teacher", "student"),
                phases.stream().map(StepTimer.PhaseTime::role).toList());
        assertEquals(5 * 4, phases.get(0).steps());
        assertEquals(3 * 4, phases.get(1).steps());
        assertTrue(phases.stream().allMatch(phase -> phase.secondsPerStep() > 0));
        assertEquals(20 * phases.get(0).secondsPerStep(), phases.get(0).seconds(), 1e-12);
    }

    @Test
    void accumulatedBatchesMakeOneStep() {
        List<StepTimer.PhaseTime> phases =
                timer.time(recipe("baseline-small", "optimization.accumulate=3"), Optional.empty(), 7);
        assertEquals(3 * 2, phases.get(0).steps());
    }

    @Test
    void withTheTeachersOfAnotherTrainingOnlyTheStudentIsTrained() {
        List<StepTimer.PhaseTime> phases = timer.time(
                recipe("kd-net-small", "optimization.epochs=2"), Optional.of(recipe("kd-net-small", "seed=9")), 4);
        assertEquals(
                List.of("student"),
                phases.stream().map(StepTimer.PhaseTime::role).toList());
    }

    @Test
    void measuresRecipesThatDifferInSeedAndEpochsOnce() {
        double first =
                timer.time(recipe("baseline-small"), Optional.empty(), 4).get(0).secondsPerStep();
        double second = timer.time(recipe("baseline-small", "seed=2", "optimization.epochs=9"), Optional.empty(), 4)
                .get(0)
                .secondsPerStep();
        assertEquals(first, second);
    }

    @Test
    void refusesWhatDoesNotFitOrIsNotPlanned() {
        assertRefused(recipe("baseline-small", "memory=0.01"), "a step does not fit into memory=0.01");
        assertRefused(recipe("baseline-small", "plan=AUTO"), "its patch is planned from the cohort");
    }

    private void assertRefused(Recipe recipe, String why) {
        PreceptorException refused =
                assertThrows(PreceptorException.class, () -> timer.time(recipe, Optional.empty(), 4));
        assertTrue(refused.getMessage().startsWith(why), refused.getMessage());
    }

    @Test
    void teachersThatAreMissingOrDifferentAreRefused() {
        Recipe recipe = recipe("kd-net-small");
        SharedTeachers.check(recipe, recipe("kd-net-small", "distillation.terms=[GT]"), LabelSpace.BRATS_2018);
        assertShareRefused(recipe, recipe("baseline-small"), "no teacher with the sequences");
        assertShareRefused(
                recipe, recipe("kd-net-small", "preprocessing.normalisation=RAW"), "the teachers are trained with");
    }

    private static void assertShareRefused(Recipe recipe, Recipe owner, String why) {
        InvalidRecipeException refused = assertThrows(
                InvalidRecipeException.class, () -> SharedTeachers.check(recipe, owner, LabelSpace.BRATS_2018));
        assertTrue(refused.getMessage().startsWith(why), refused.getMessage());
    }
}
