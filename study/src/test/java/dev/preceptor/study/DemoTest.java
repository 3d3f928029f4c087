package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.model.ModelFile;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tests the demo with networks too small and trainings too short for good scores. */
@Tag("integration")
class DemoTest {
    private static final List<String> TINY = List.of(
            "network.widths=[2,4]",
            "network.skips=1",
            "sampling.patch=[16,16,16]",
            "sampling.stepsPerEpoch=2",
            "optimization.epochs=1",
            "optimization.teacherEpochs=1");

    private static DemoOptions options(
            Path out, Optional<Path> cohort, Optional<Integer> labelled, boolean controls, int threads) {
        return new DemoOptions(
                out,
                cohort,
                Optional.empty(),
                Optional.empty(),
                List.of(1L),
                labelled,
                2,
                1,
                true,
                controls,
                TINY,
                "cpu",
                threads);
    }

    private static DemoOptions phantom(Path out, boolean controls) {
        return options(out, Optional.empty(), Optional.of(3), controls, 1);
    }

    private static DemoOptions real(Path folder) {
        Path cohort = CohortFixture.brats2021(folder.resolve("cohort"), 6).root();
        return options(folder.resolve("demo"), Optional.of(cohort), Optional.of(3), false, 2);
    }

    @Test
    void trainsPredictsAndScoresAPhantomCohort(@TempDir Path folder) throws IOException {
        Path out = folder.resolve("demo");
        Demo.Result result =
                Demo.run(phantom(out, true), new Silent(), () -> false).orElseThrow();
        assertEquals(
                List.of(Sequence.T1CE),
                ModelFile.read(result.student()).description().inputs());
        assertEquals(1, result.pictures().size());
        assertTrue(Files.size(result.pictures().get(0)) > 10_000);
        assertEquals(
                List.of("teacher", "untaught", "self-trained", "taught", "taught - untaught"),
                result.table().columns());
        assertEquals(4, result.findings().size());
        assertTrue(
                result.findings().get(0).startsWith("WT: taught minus untaught "),
                result.findings().get(0));
        assertTrue(
                result.findings().get(3).startsWith("Seen here: "),
                result.findings().get(3));
        for (String arm : List.of("taught", "untaught", "self-trained")) {
            Path trial = out.resolve("cells/" + arm + "-seed1");
            JsonNode split = Settings.JSON
                    .readTree(Files.readString(trial.resolve("run.json")))
                    .get("split");
            assertEquals(2, split.get("training").size(), arm);
            assertEquals(1, split.get("validation").size(), arm);
            assertEquals(
                    arm.equals("untaught") ? 1 : 2,
                    Files.readAllLines(trial.resolve("metrics.jsonl")).size(),
                    "the overrides come after what the arm sets: one epoch of each network");
            assertEquals(arm.equals("untaught") ? 0 : 2, split.get("unlabelled").size(), arm);
            assertFalse(split.toString().contains("BraTS2021_90005"), "the unseen subject is in the split: " + split);
        }
    }

    @Test
    void refusesAFolderThatHoldsSomethingElse(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("precious.txt"), "mine");
        PreceptorException refused = assertThrows(
                PreceptorException.class, () -> Demo.run(phantom(folder, false), new Silent(), () -> false));
        assertTrue(refused.getMessage().contains("is not empty"), refused.getMessage());
    }

    @Test
    void aCohortWithoutUnlabelledSubjectsIsRefusedWithTheBetterChoice(@TempDir Path folder) {
        Path cohort = CohortFixture.brats2021(folder.resolve("cohort"), 6).root();
        String message = assertThrows(
                        InvalidCohortException.class,
                        () -> Demo.run(
                                options(folder.resolve("demo"), Optional.of(cohort), Optional.empty(), false, 2),
                                new Silent(),
                                () -> false))
                .getMessage();
        assertTrue(message.contains("every subject has labels"), message);
        assertTrue(message.endsWith("preceptor train baseline"), message);
        assertFalse(Files.exists(folder.resolve("demo")));
    }

    @Test
    void aRealCohortHoldsAFoldOutHidesLabelsAndIsResumedAfterAStop(@TempDir Path folder) throws IOException {
        DemoOptions options = real(folder);
        Path taught = options.out().resolve("cells/taught-fold1-seed1");
        Path begun = taught.resolve("run.json");
        assertTrue(Demo.run(options, new Silent(), () -> Files.exists(begun)).isEmpty());
        String started =
                Settings.JSON.readTree(Files.readString(begun)).get("started").stringValue();
        assertFalse(Files.exists(taught.resolve("scores")));
        Demo.Result result = Demo.run(options, new Silent(), () -> false).orElseThrow();
        assertEquals(1, result.pictures().size());
        JsonNode run = Settings.JSON.readTree(Files.readString(begun));
        assertEquals(started, run.get("started").stringValue(), "the run that was stopped is resumed");
        JsonNode split = run.get("split");
        assertEquals(2, split.get("training").size());
        assertEquals(1, split.get("heldOut").size());
        assertEquals(2, split.get("unlabelled").size());
    }

    private static final class Silent implements StudyListener {
        @Override
        public void planned(int toDo, int finishedBefore) {}

        @Override
        public void forecast(StudyForecast forecast) {}

        @Override
        public void ended(TrialState trial) {}

        @Override
        public void began(String part) {}

        @Override
        public void advanced(String part, String what, int done, int total) {}

        @Override
        public void trained(TrainingEvent event) {}
    }
}
