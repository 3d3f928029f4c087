package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.train.StepTimer.PhaseTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyForecastTest {
    private static final StudyForecast.ArmForecast ALONE =
            new StudyForecast.ArmForecast("alone", 50, List.of(new PhaseTime("student", 1000, 0.2)), "");
    private static final StudyForecast.ArmForecast TAUGHT = new StudyForecast.ArmForecast(
            "taught", 25, List.of(new PhaseTime("teacher", 500, 0.1), new PhaseTime("student", 1000, 0.4)), "");
    private static final StudyForecast.ArmForecast UNKNOWN =
            new StudyForecast.ArmForecast("planned", 5, List.of(), "its patch is planned from the cohort (plan: AUTO)");

    @TempDir
    private Path folder;

    @Test
    void isStepsTimesSecondsWithAShareForScoringDividedByJobs() {
        assertEquals(1.2 * (50 * 200 + 25 * (50 + 400)), new StudyForecast(List.of(ALONE, TAUGHT), 1).seconds(), 1e-6);
        StudyForecast two = new StudyForecast(List.of(ALONE, TAUGHT), 2);
        assertEquals("75 trainings, about 3 h 35 min with 2 jobs (0.10 to 0.40 s a step measured)", two.line());
    }

    @Test
    void moreJobsThanTrainingsDoNotHelp() {
        StudyForecast one = new StudyForecast(
                List.of(new StudyForecast.ArmForecast("a", 1, List.of(new PhaseTime("student", 10, 1)), "")), 4);
        assertEquals(12, one.seconds(), 1e-9);
        assertEquals("1 training, about 12 s with 4 jobs (1.00 s a step measured)", one.line());
    }

    @Test
    void namesTheArmsThatCannotBeMeasured() {
        assertTrue(new StudyForecast(List.of(ALONE, UNKNOWN), 1)
                .line()
                .endsWith("measured), without planned (its patch is planned from the cohort (plan: AUTO))"));
        assertTrue(
                new StudyForecast(List.of(UNKNOWN), 1).line().startsWith("5 trainings; their duration is unknown: "));
    }

    @Test
    void printsTheStepsOfEachArm() {
        String text = new StudyForecast(List.of(ALONE, TAUGHT, UNKNOWN), 1).text();
        assertTrue(text.lines().anyMatch(line -> line.matches("taught +25 +1000 +500 +9 min *")), text);
        assertTrue(text.lines().anyMatch(line -> line.matches("planned +5( +unknown){3} *")), text);
    }

    @Test
    void trainingSubjectsAreThoseBesidesTheFoldAndTheValidation() {
        Recipe recipe = Recipe.load("baseline-small", List.of("validation.fraction=0.25"));
        assertEquals(
                6,
                StudyForecast.trainingSubjects(10, new FoldPlan(5, List.of()), recipe.sampling(), recipe.validation()));
        Recipe onFold = Recipe.load("baseline-small", List.of("validation.on=FOLD"));
        assertEquals(
                8,
                StudyForecast.trainingSubjects(10, new FoldPlan(5, List.of()), onFold.sampling(), onFold.validation()));
        Recipe none = Recipe.load("baseline-small", List.of("validation.fraction=0"));
        assertEquals(
                10, StudyForecast.trainingSubjects(10, new FoldPlan(0, List.of()), none.sampling(), none.validation()));
        Recipe few = Recipe.load("baseline-small", List.of("validation.fraction=0.25", "sampling.labelled=4"));
        assertEquals(
                3, StudyForecast.trainingSubjects(10, new FoldPlan(5, List.of()), few.sampling(), few.validation()));
    }

    @Test
    @Tag("integration")
    void ofAStudyCountsItsUnfinishedTrialsAndWritesNothing() {
        Path cohort = CohortFixture.brats2021(folder.resolve("cohort"), 4).root();
        Path out = folder.resolve("out");
        Study study = TinyStudies.study(folder, TinyStudies.TWO_ARMS);
        TinyStudies.Listener listener = new TinyStudies.Listener();
        StudyForecast forecast = StudyRun.forecast(study, TinyStudies.options(out, cohort, 1), listener);
        assertFalse(Files.exists(out));
        assertEquals(4, forecast.trainings());
        assertEquals(
                List.of("teacher", "student"),
                forecast.arms().get(1).phases().stream().map(PhaseTime::role).toList());
        assertEquals(4, forecast.arms().get(1).phases().get(1).steps());
        Study one = TinyStudies.study(folder, TinyStudies.TWO_ARMS.replace("count: 2", "count: 2, run: [1]"));
        StudyRun.run(one, TinyStudies.options(out, cohort, 1), listener, () -> false);
        assertEquals(2, listener.forecast.orElseThrow().trainings());
        assertEquals(
                2,
                StudyRun.forecast(study, TinyStudies.options(out, cohort, 1), listener)
                        .trainings());
    }
}
