package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.CohortFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class StudyCommandTest {
    private static final String SET = """
            set:
              network: {widths: [2, 4], skips: 1}
              sampling: {patch: [8, 8, 8], stepsPerEpoch: 2, batch: 1}
              preprocessing: {spacing: 0}
              optimization: {epochs: 1}
              validation: {fraction: 0.25}
            """;

    /** How long the steps take depends on what else the machine does. */
    private static final Pattern FORECAST = Pattern.compile("2 trainings, about \\d+ (s|min) \\(");

    @TempDir
    private Path folder;

    @Test
    void printsAComparison() throws IOException {
        Run run = run("folds: {count: 2}\narms: [{name: flat, recipe: baseline-small}]\n" + SET, cohort());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("WT volumetric Dice"), run.out());
        assertTrue(FORECAST.matcher(run.err()).find(), run.err());
        assertTrue(run.out().lines().anyMatch(line -> line.startsWith("flat ")), run.out());
        assertTrue(run.err().contains("flat-fold2-seed1 finished"), run.err());
        assertTrue(Files.exists(folder.resolve("out/comparison.csv")));
    }

    @Test
    void planOnlyPrintsStepsAndDurationAndWritesNothing() throws IOException {
        Run run =
                run("folds: {count: 2}\narms: [{name: flat, recipe: baseline-small}]\n" + SET, cohort(), "--plan-only");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().lines().anyMatch(line -> line.matches("flat +2 +2 +0 +\\d+ (s|min) *")), run.out());
        assertTrue(FORECAST.matcher(run.out()).find(), run.out());
        assertFalse(Files.exists(folder.resolve("out")));
    }

    @Test
    void failedCellsAreNamedAndGiveExitCodeOne() throws IOException {
        Run run = run("""
                folds: {count: 2, run: [1]}
                arms:
                  - {name: good, recipe: baseline-small}
                  - {name: odd, recipe: baseline-small, set: {memory: 0.01}}
                """ + SET, cohort());
        assertEquals(1, run.code());
        assertTrue(run.err().contains("good-fold1-seed1 finished"), run.err());
        assertTrue(run.err().contains("odd-fold1-seed1 failed: the training does not fit into its memory"), run.err());
        String last = run.errorLines().get(run.errorLines().size() - 1);
        assertTrue(last.startsWith("preceptor: error: 1 of 2 trials failed: odd-fold1-seed1"), last);
        assertTrue(Files.exists(folder.resolve("out/comparison.md")));
    }

    @Nested
    class BadInput {
        @Test
        void isOneLineAndNothingIsWritten() throws IOException {
            String arm = "arms: [{name: a, recipe: baseline-small}]\n";
            assertRefused(
                    "folds: {count: 2}\narms: [{name: a, recipe: kd-net}, {name: a, recipe: baseline}]", "two arms");
            assertRefused("folds: {count: 2}\narms: [{name: a, recipe: magic}]", "magic");
            assertRefused(
                    "folds: {count: 2}\narms: [{name: a, recipe: baseline, set: {method: magic}}]",
                    "method must be one of");
            assertRefused("folds: {count: 2, run: [3]}\n" + arm, "fold 3");
            assertRefused("folds: {count: 9}\n" + arm, "too few for 9 folds");
            assertRefused("folds: {count: 2}\nfold: 1\n" + arm, "unknown key \"fold\"");
            assertRefused("folds: {count: 2}\nphantom: {subjects: 3}\n" + arm, "leave out --cohort");
        }

        @Test
        void anUnknownStudyIsOneLineWithTheBuiltInOnes() {
            Run run = Run.of(
                    "study", "kd-net-table-7", "--out", folder.resolve("out").toString());
            assertEquals(1, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().contains("mtcm-kd-ablation-phantom"), run.err());
        }

        @Test
        void anInvalidMemorySizeIsWrongUsage() {
            Run run = Run.of(
                    "study",
                    "kd-net-table-2",
                    "--out",
                    folder.resolve("out").toString(),
                    "--jobs",
                    "2",
                    "--memory",
                    "much");
            assertEquals(2, run.code());
            assertTrue(run.err().contains("not \"much\""), run.err());
        }

        private void assertRefused(String yaml, String why) throws IOException {
            Run run = run(yaml, cohort());
            assertEquals(1, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().startsWith("preceptor: error: ") && run.err().contains(why), run.err());
            assertFalse(Files.exists(folder.resolve("out")));
        }
    }

    private Path cohort() {
        return CohortFixture.brats2021(folder.resolve("cohort"), 4).root();
    }

    private Run run(String yaml, Path cohort, String... options) throws IOException {
        Path study = folder.resolve("study.yaml");
        Files.writeString(study, yaml);
        List<String> arguments = new ArrayList<>(List.of(
                "study",
                study.toString(),
                "--cohort",
                cohort.toString(),
                "--out",
                folder.resolve("out").toString(),
                "--threads",
                "1"));
        arguments.addAll(List.of(options));
        return Run.of(arguments.toArray(String[]::new));
    }
}
