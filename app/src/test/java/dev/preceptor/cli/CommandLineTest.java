package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("integration")
class CommandLineTest {
    private static final List<String> COMMANDS = List.of(
            "demo", "phantom", "cohort", "train", "predict", "evaluate", "study", "methods", "inspect", "doctor");

    @TempDir
    private Path folder;

    @Test
    void everyCommandHasHelp() {
        for (String command : COMMANDS) {
            Run run = Run.of(command, "--help");
            assertEquals(0, run.code(), command);
            assertTrue(run.out().startsWith("Usage: preceptor " + command), run.out());
            assertEquals("", run.err());
        }
    }

    @Test
    void theVersionIsOneLine() {
        Run run = Run.of("--version");
        assertEquals(0, run.code());
        assertTrue(run.out().matches("preceptor \\S+ \\(\\S+\\)\\R"), run.out());
    }

    @Nested
    class WrongUsage {
        @Test
        void withoutACommandTheUsageGoesToStandardError() {
            Run run = Run.of();
            assertEquals(2, run.code());
            assertEquals("", run.out());
            assertTrue(run.err().startsWith("Usage: preceptor"), run.err());
        }

        @Test
        void anUnknownSchemaIsOneLineWithTheKnownOnes() {
            for (String command : List.of(
                    "cohort x",
                    "train baseline --cohort x --out y",
                    "study x --out y",
                    "evaluate --predictions x --references y --out z")) {
                Run run = Run.of((command + " --schema BRATS_1999").split(" "));
                assertEquals(2, run.code(), run.err());
                assertEquals(1, run.errorLines().size(), run.err());
                assertTrue(run.err().contains("BRATS_1999") && run.err().contains("BRATS_PED_2024"), run.err());
            }
        }

        @Test
        void anUnknownOptionIsOneLineWithAHint() {
            Run run = Run.of("inspect", "--jsn", "x.nii");
            assertEquals(2, run.code());
            assertEquals(
                    List.of(
                            "preceptor: error: Unknown option: '--jsn'; did you mean --json? (see preceptor inspect --help)"),
                    run.errorLines());
        }

        @Test
        void aMissingOptionIsNamed() {
            for (List<String> line : List.of(
                    List.of("train", "kd-net", "--out", "r"),
                    List.of("predict", "--model", "m"),
                    List.of("evaluate", "--predictions", "p"),
                    List.of("phantom"))) {
                Run run = Run.of(line.toArray(String[]::new));
                assertEquals(2, run.code(), line.toString());
                assertEquals(1, run.errorLines().size(), run.err());
                assertTrue(run.err().startsWith("preceptor: error: Missing required option"), run.err());
            }
        }

        @Test
        void anUnknownSchemaIsWrongUsage() {
            Run run = Run.of(
                    "evaluate", "--predictions", "p", "--references", "r", "--out", "o", "--schema", "BRATS_1999");
            assertEquals(2, run.code());
            assertTrue(run.err().contains("BRATS_2018"), run.err());
        }
    }

    @Nested
    class Failure {
        @Test
        void anUnknownVariantOfThePhantomIsWrongUsageThatNamesBoth() {
            Run run = Run.of("phantom", "--out", folder.resolve("c").toString(), "--variant", "odd");
            assertEquals(2, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().contains("UNIFORM, VARIOUS"), run.err());
        }

        @Test
        void isOneLineWithoutATrace() {
            Run run = Run.of("cohort", folder.resolve("nowhere").toString());
            assertEquals(1, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().startsWith("preceptor: error: " + folder.resolve("nowhere")), run.err());
        }

        @Test
        void hasAStackTraceWithDebugBeforeOrAfterTheCommand() {
            for (String[] line :
                    new String[][] {{"--debug", "inspect", folder.toString()}, {"inspect", folder.toString(), "--debug"}
                    }) {
                Run run = Run.of(line);
                assertEquals(1, run.code());
                assertTrue(run.err().contains("\tat dev.preceptor"), run.err());
            }
        }

        @Test
        void anUnknownRecipeIsOneLineThatNamesIt() {
            Run run = Run.of("train", "kd-nat", "--cohort", folder.toString(), "--out", folder + "/run");
            assertEquals(1, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().contains("kd-nat"), run.err());
            assertFalse(Files.exists(folder.resolve("run")));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "teachers=[T1CE] | teachers must each have a sequence that the student lacks",
                    "teachers=[] | teachers must name the sequences of at least one teacher",
                    "teachers=[PERFUSION] | has PERFUSION, which the teacher of the recipe needs",
                    "distillation.levels=3 | distillation.levels",
                    "teacherModels=nowhere | teacherModels: there is no model file and no folder of a run nowhere",
                })
        void anImpossibleMtcmKdIsOneLineAndLeavesNothing(String override, String message) {
            Path cohort = folder.resolve("cohort");
            Run.of("phantom", "--out", cohort.toString(), "--subjects", "2", "--size", "24");
            Path out = folder.resolve("run");
            Run run = Run.of(
                    "train",
                    "mtcm-kd-small",
                    "--cohort",
                    cohort.toString(),
                    "--out",
                    out.toString(),
                    "--set",
                    override);
            assertEquals(1, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().contains(message), run.err());
            assertFalse(Files.exists(out));
        }

        @Test
        void anInvalidServerIsOneLineAndNothingIsWritten() {
            Run run = Run.of(
                    "train", "kd-net", "--cohort", folder.toString(), "--out", folder + "/run", "--mlflow", "nowhere");
            assertEquals(1, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().contains("not \"nowhere\""), run.err());
            assertFalse(Files.exists(folder.resolve("run")));
        }

        @Test
        void aPortInUseIsOneLineBeforeAnythingIsWritten() throws IOException {
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                String port = String.valueOf(taken.getLocalPort());
                Run run = Run.of(
                        "train", "kd-net", "--cohort", folder.toString(), "--out", folder + "/run", "--watch", port);
                assertEquals(1, run.code());
                assertEquals(1, run.errorLines().size(), run.err());
                assertTrue(run.err().contains("cannot serve the live page at 127.0.0.1:" + port), run.err());
                assertFalse(Files.exists(folder.resolve("run")));
            }
        }

        @Test
        void anInvalidPortIsWrongUsage() {
            Run run = Run.of(
                    "train", "kd-net", "--cohort", folder.toString(), "--out", folder + "/run", "--watch", "99999");
            assertEquals(2, run.code());
            assertTrue(run.err().contains("--watch is a port such as 8080, or HOST:PORT, not \"99999\""), run.err());
        }

        @Test
        void aPhantomDoesNotOverwriteOtherFiles() throws IOException {
            Files.writeString(folder.resolve("thesis.txt"), "mine");
            Run run = Run.of("phantom", "--out", folder.toString(), "--subjects", "1", "--size", "24");
            assertEquals(1, run.code());
            assertTrue(run.err().startsWith("preceptor: error: " + folder + ": is not empty"), run.err());
            assertEquals("mine", Files.readString(folder.resolve("thesis.txt")));
        }
    }

    @Test
    void thePageOfACohortNeedsTheNameOfAFile() {
        for (String target : new String[] {"-", folder.toString()}) {
            Run run = Run.of("cohort", folder.resolve("nowhere").toString(), "--html", target);
            assertEquals(1, run.code());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().contains("name a file"), run.err());
        }
    }

    @Test
    void theContrastOfACohortIsPrintedAndPartOfTheJson() {
        Path cohort = folder.resolve("cohort");
        Run.of("phantom", "--out", cohort.toString(), "--subjects", "2", "--size", "32", "--variant", "uniform");
        Run text = Run.of("cohort", cohort.toString(), "--contrast");
        assertEquals(0, text.code(), text.err());
        assertTrue(text.out().contains("ED       FLAIR       2"), text.out());
        Run json = Run.of("cohort", cohort.toString(), "--contrast", "--json", "-");
        assertEquals(
                2,
                JsonFiles.parse(json.out()).at("/contrast/ED/sequences/FLAIR/n").asInt());
        assertFalse(JsonFiles.parse(
                        Run.of("cohort", cohort.toString(), "--json", "-").out())
                .has("contrast"));
    }

    @Test
    void aCohortWithSeveralScansOfAPatientCountsBothAndOffersAFoldForEachPatient() {
        CohortFixture fixture = new CohortFixture(folder.resolve("sessions"));
        for (int i = 0; i < 4; i++) {
            fixture.modernSubject("BraTS-GLI-0000" + (1 + i / 2) + "-10" + i % 2, 1 + i, LabelSpace.BRATS_2024);
        }
        Run run = Run.of("cohort", fixture.root().toString(), "--for", "baseline");
        assertTrue(run.out().contains("sessions: 4 subjects of 2 patients, 4 with labels"), run.out());
        assertTrue(
                run.out().contains("for baseline: 4 labelled subjects of 2 patients are used, enough for 2 folds"),
                run.out());
    }

    @Test
    void aPhantomCohortEvaluatedAgainstItselfScoresOne() {
        Path cohort = folder.resolve("cohort");
        Run phantom = Run.of("phantom", "--out", cohort.toString(), "--subjects", "2", "--size", "32");
        assertEquals(0, phantom.code(), phantom.err());
        Run described = Run.of(
                "cohort",
                cohort.toString(),
                "--json",
                folder.resolve("cohort.json").toString(),
                "--html",
                folder.resolve("cohort.html").toString());
        assertEquals(0, described.code(), described.err());
        assertTrue(described.out().contains("2 subjects, 2 with labels"), described.out());
        assertTrue(Files.isRegularFile(folder.resolve("cohort.json")));
        assertTrue(Files.isRegularFile(folder.resolve("cohort.html")));
        String clean = cohort.resolve("clean").toString();
        Run scored = Run.of(
                "evaluate",
                "--predictions",
                clean,
                "--references",
                clean,
                "--out",
                folder.resolve("scores").toString(),
                "--schema",
                "BRATS_2018");
        assertEquals(0, scored.code(), scored.err());
        assertTrue(scored.out().lines().anyMatch(l -> l.matches("WT\\s+1\\.0000.*")), scored.out());
        assertTrue(Files.isRegularFile(folder.resolve("scores/scores.csv")));
        assertTrue(Files.isRegularFile(folder.resolve("scores/summary.json")));
        assertTrue(Files.isRegularFile(folder.resolve("scores/report/index.html")));
    }
}
