package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.CohortFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how studies run; the networks are too small and the trainings too short for good scores. */
@Tag("integration")
class StudyRunTest {
    private static final List<String> TRIALS =
            List.of("alone-fold1-seed1", "taught-fold1-seed1", "alone-fold2-seed1", "taught-fold2-seed1");

    @TempDir
    private static Path shared;

    private static Path cohort;

    /** A study of {@link TinyStudies#TWO_ARMS} without a stop or a fault, which tests read or copy. */
    private static Path whole;

    private static StudyResult wholeResult;

    private static final TinyStudies.Listener WHOLE_LISTENER = new TinyStudies.Listener();

    private static final String ONE_FOLD = TinyStudies.TWO_ARMS.replace("count: 2", "count: 2, run: [1]");

    /** The same with {@link #ONE_FOLD}. */
    private static Path oneFold;

    private static StudyResult oneFoldResult;

    @BeforeAll
    static void makeCohortAndRunTwoStudies() {
        cohort = CohortFixture.brats2021(shared.resolve("cohort"), 4).root();
        whole = shared.resolve("whole");
        wholeResult = StudyRun.run(
                        TinyStudies.study(shared, TinyStudies.TWO_ARMS),
                        TinyStudies.options(whole, cohort, 1),
                        WHOLE_LISTENER,
                        () -> false)
                .orElseThrow();
        oneFold = shared.resolve("one-fold");
        oneFoldResult = StudyRun.run(
                        TinyStudies.study(shared, ONE_FOLD),
                        TinyStudies.options(oneFold, cohort, 1),
                        new TinyStudies.Listener(),
                        () -> false)
                .orElseThrow();
    }

    @TempDir
    private Path folder;

    @Nested
    class AWholeStudy {
        @Test
        void scoresEverySubjectOnceForEachNetwork() throws IOException {
            assertEquals(
                    TRIALS, WHOLE_LISTENER.ended.stream().map(TrialState::name).toList());
            StudyResult result = wholeResult;
            assertEquals(
                    List.of("alone", "taught", "taught/teacher"),
                    result.series().stream().map(Series::name).toList());
            for (Series series : result.series()) {
                assertEquals(4, series.subjects().size(), series.name());
            }
            assertEquals(
                    List.of("T1", "T1CE", "T2", "FLAIR"), result.series().get(2).inputs());
            assertEquals(
                    3 * Metric.values().length,
                    result.pairs().size(),
                    "one pair of students in each metric of each region");
            assertEquals("taught/teacher", result.gaps().get(1).teacher());
            for (String file : List.of("study.yaml", "study.json", "comparison.md", "comparison.csv")) {
                assertTrue(Files.size(whole.resolve(file)) > 0, file);
            }
            assertEquals(result, StudyResult.read(whole.resolve("study.json")));
            assertEquals(
                    1 + 3 * 3 * Metric.values().length,
                    Files.readAllLines(whole.resolve("comparison.csv")).size());
            assertTrue(Files.exists(whole.resolve("cells/taught-fold2-seed1/scores/teacher/scores.csv")));
            assertTrue(Files.exists(whole.resolve("cells/taught-fold2-seed1/report/index.html")));
        }

        @Test
        void hasAReportWithAllParts() throws IOException {
            String html = Files.readString(whole.resolve("report/index.html"));
            for (String part : List.of(
                    "<caption>Volumetric Dice under BRATS_LEGACY</caption>",
                    "WT, volumetric Dice",
                    "class=\"pair\"",
                    "taught, teacher",
                    "<figcaption>kd</figcaption>",
                    "class=\"case\"",
                    "taught/teacher",
                    "\\toprule",
                    "In alone: Method baseline")) {
                assertTrue(html.contains(part), "the report lacks " + part);
            }
            assertEquals(4, html.split("class=\"case\"", -1).length - 1, "every subject once");
        }

        @Test
        void isNotRunTwice() throws IOException {
            Map<String, byte[]> before = files(whole.resolve("cells"));
            byte[] result = Files.readAllBytes(whole.resolve("study.json"));
            byte[] report = Files.readAllBytes(whole.resolve("report/index.html"));
            TinyStudies.Listener listener = new TinyStudies.Listener();
            run(TinyStudies.TWO_ARMS, whole, 1, listener);
            assertEquals(0, listener.planned);
            assertEquals(4, listener.before);
            assertSame(before, files(whole.resolve("cells")));
            assertArrayEquals(result, Files.readAllBytes(whole.resolve("study.json")));
            assertArrayEquals(report, Files.readAllBytes(whole.resolve("report/index.html")));
        }

        @Test
        void withUnlabelledImagesIsNotRunTwice() {
            Path images = folder.resolve("images");
            CohortFixture fixture = CohortFixture.brats2021(images, 6);
            // An id must not be in both folders.
            for (int labelled = 1; labelled <= 4; labelled++) {
                AtomicFiles.deleteFolder(fixture.root().resolve("BraTS2021_0000" + labelled));
            }
            StudyOptions options =
                    TinyStudies.options(folder.resolve("out"), cohort, 1).withUnlabelled(Optional.of(fixture.root()));
            Study study = TinyStudies.study(folder, """
                    folds: {count: 2, run: [1]}
                    arms: [{name: alone, recipe: baseline-small}]
                    """ + TinyStudies.SET);
            StudyRun.run(study, options, new TinyStudies.Listener(), () -> false);
            TinyStudies.Listener again = new TinyStudies.Listener();
            StudyRun.run(study, options, again, () -> false);
            assertEquals(0, again.planned);
            assertEquals(1, again.before);
        }

        @Test
        void growsByASeedWithoutRepeatingFinishedTrials() throws IOException {
            Path out = TinyStudies.copy(oneFold, folder.resolve("out"));
            TinyStudies.Listener listener = new TinyStudies.Listener();
            StudyResult result =
                    run("seeds: [1, 2]\n" + ONE_FOLD, out, 1, listener).orElseThrow();
            assertEquals(2, listener.planned);
            assertEquals(
                    2,
                    result.series().get(0).values().get("WT").get(Metric.DICE).values().stream()
                            .mapToInt(List::size)
                            .max()
                            .orElseThrow());
            assertEquals(2, result.summary("alone", "WT", Metric.DICE).count(), "each subject counts once");
        }

        @Test
        void makesItsOwnPhantom() {
            Path out = folder.resolve("out");
            Study study = TinyStudies.study(folder, """
                    phantom: {subjects: 2, unseen: 1, size: 32}
                    arms: [{name: alone, recipe: baseline-small}]
                    """ + TinyStudies.SET);
            StudyOptions options = new StudyOptions(out, Optional.empty(), Optional.empty(), "cpu", 1, 1, 0);
            StudyResult result = StudyRun.run(study, options, new TinyStudies.Listener(), () -> false)
                    .orElseThrow();
            assertEquals(List.of("BraTS2021_90002"), result.series().get(0).subjects());
            assertEquals("alone-seed1", result.cells().get(0).name());
        }
    }

    @Nested
    class AKilledStudy {
        @Test
        void isResumedAndKeepsItsFinishedTrials() throws Exception {
            Path out = folder.resolve("killed");
            KilledStudy.kill(TinyStudies.file(folder, ONE_FOLD), cohort, out, 1);
            Path first = out.resolve("cells").resolve(TRIALS.get(0));
            Map<String, byte[]> before = files(first);
            assertTrue(Files.exists(first.resolve("scores/cell.json")));
            assertTrue(Files.exists(out.resolve("cells").resolve(TRIALS.get(1)).resolve("recipe.yaml")), "started");
            assertFalse(Files.exists(out.resolve("cells").resolve(TRIALS.get(1)).resolve("scores")), "not finished");
            TinyStudies.Listener listener = new TinyStudies.Listener();
            StudyResult resumed = run(ONE_FOLD, out, 1, listener).orElseThrow();
            assertEquals(1, listener.planned);
            assertSame(before, files(first));
            assertEquals(oneFoldResult, resumed, "nothing is lost and nothing counts twice");
        }
    }

    @Nested
    class AFailingTrial {
        @Test
        void isNamedAndDoesNotStopTheOthers() throws IOException {
            String broken = TinyStudies.TWO_ARMS.replace("distillation.terms: [GT, KD]", "memory: 0.01");
            TinyStudies.Listener listener = new TinyStudies.Listener();
            Path out = folder.resolve("out");
            StudyResult result = run(broken, out, 1, listener).orElseThrow();
            assertEquals(
                    List.of("taught-fold1-seed1", "taught-fold2-seed1"),
                    result.failed().stream().map(TrialState::name).toList());
            assertTrue(result.failed().get(0).error().startsWith("the training does not fit into its memory"));
            assertEquals(4, result.summary("alone", "WT", Metric.DICE).count());
            assertEquals(0, result.summary("taught", "WT", Metric.DICE).count());
            assertTrue(Files.readString(out.resolve("comparison.md")).contains("2 of 4 cells failed"));
        }

        @Test
        void reportsTheErrorLineOfItsProcess() {
            String broken = """
                    folds: {count: 2, run: [1]}
                    arms: [{name: taught, recipe: kd-net-small, set: {memory: 0.01}}]
                    """ + TinyStudies.SET;
            StudyResult result = run(broken, folder.resolve("out"), 2, new TinyStudies.Listener())
                    .orElseThrow();
            assertEquals(1, result.failed().size());
            assertTrue(
                    result.failed().get(0).error().startsWith("the training does not fit into its memory"),
                    result.failed().get(0).error());
        }
    }

    @Nested
    class ALeak {
        @Test
        void isFoundInAFinishedStudyByAMappingThatComesLater() throws IOException {
            Path out = TinyStudies.copy(whole, folder.resolve("copy"));
            StudyOptions options =
                    new StudyOptions(out, Optional.of(cohort), Optional.of(onePatient()), "cpu", 1, 1, 0);
            Map<String, byte[]> before = files(out.resolve("cells"));
            TinyStudies.Listener listener = new TinyStudies.Listener();
            StudyResult result = StudyRun.run(
                            TinyStudies.study(folder, TinyStudies.TWO_ARMS), options, listener, () -> false)
                    .orElseThrow();
            assertEquals(0, listener.planned);
            assertEquals(Set.copyOf(TRIALS), result.leakage().keySet());
            assertEquals(4, result.series().get(2).leaked().size(), "those of the teacher");
            assertTrue(Files.readString(out.resolve("comparison.md")).contains("same patient by the name mapping"));
            assertSame(before, files(out.resolve("cells")));
        }

        @Test
        void cannotBeSoughtByAnotherMappingWithoutTheModels() throws IOException {
            Path out = TinyStudies.copy(whole, folder.resolve("copy"));
            Path trial = out.resolve("cells").resolve(TRIALS.get(1));
            AtomicFiles.deleteFolder(trial.resolve("models"));
            Path mapping = onePatient();
            StudyOptions options = new StudyOptions(out, Optional.of(cohort), Optional.of(mapping), "cpu", 1, 1, 0);
            Study study = TinyStudies.study(folder, TinyStudies.TWO_ARMS);
            String message = assertThrows(
                            MismatchException.class,
                            () -> StudyRun.run(study, options, new TinyStudies.Listener(), () -> false))
                    .getMessage();
            assertTrue(message.startsWith(trial + ": leakage was sought with no name mapping"), message);
            assertTrue(message.contains(mapping.toString()), message);
            assertEquals(1, message.lines().count(), message);
            assertEquals(
                    wholeResult,
                    run(TinyStudies.TWO_ARMS, out, 1, new TinyStudies.Listener())
                            .orElseThrow());
        }

        @Test
        void isMarkedInEveryFileAndKeptWithoutTheModelsUnderTheMappingOfTheTrial() throws IOException {
            Path out = folder.resolve("out");
            StudyOptions options =
                    new StudyOptions(out, Optional.of(cohort), Optional.of(onePatient()), "cpu", 1, 1, 0);
            Study study = TinyStudies.study(folder, ONE_FOLD);
            StudyResult first = StudyRun.run(study, options, new TinyStudies.Listener(), () -> false)
                    .orElseThrow();
            assertEquals(2, first.series().get(2).leaked().size());
            assertEquals(2, first.leakage().size(), "each subject is in training under another id");
            String warning = first.warnings().get(0);
            assertTrue(warning.contains("LEAKAGE: 2 of 2 scored subjects"), warning);
            assertTrue(StudyFiles.text(first).contains("alone (LEAKAGE: 2 of 2)"), StudyFiles.text(first));
            for (String file : List.of(
                    "comparison.md", "study.json", "report/index.html", "cells/taught-fold1-seed1/scores/cell.json")) {
                String text = Files.readString(out.resolve(file));
                assertTrue(text.contains("same patient by the name mapping") || text.contains("\"MAPPING\""), file);
            }
            assertTrue(Files.readString(out.resolve("comparison.csv")).contains("alone,student,T1CE,2,WT"));
            for (String name : List.of(TRIALS.get(0), TRIALS.get(1))) {
                AtomicFiles.deleteFolder(out.resolve("cells").resolve(name).resolve("models"));
            }
            assertEquals(
                    first,
                    StudyRun.run(study, options, new TinyStudies.Listener(), () -> false)
                            .orElseThrow());
        }

        /** A mapping by which all subjects are one patient. */
        private Path onePatient() throws IOException {
            return Files.writeString(
                    folder.resolve("names.csv"),
                    "BraTS_2020_subject_ID,BraTS_2021_subject_ID\nBraTS2021_00001,BraTS2021_00002\n"
                            + "BraTS2021_00002,BraTS2021_00003\nBraTS2021_00003,BraTS2021_00004\n");
        }

        @Test
        void isNotReportedWithoutOne() {
            assertEquals(Map.of(), wholeResult.leakage());
        }
    }

    @Nested
    class Refused {
        @Test
        void aFolderWithSomethingElseInIt() throws IOException {
            Files.writeString(folder.resolve("precious.txt"), "mine");
            Study study = TinyStudies.study(shared, TinyStudies.TWO_ARMS);
            assertRefused(study, TinyStudies.options(folder, cohort, 1), "and it is no study");
            assertEquals("mine", Files.readString(folder.resolve("precious.txt")));
        }

        @Test
        void moreFoldsThanSubjects() {
            Study study = TinyStudies.study(folder, TinyStudies.TWO_ARMS.replace("count: 2", "count: 5"));
            assertRefused(study, TinyStudies.options(folder.resolve("out"), cohort, 1), "too few for 5 folds");
            assertFalse(Files.exists(folder.resolve("out")));
        }

        @Test
        void anArmWhoseRecipeIsWrongBeforeVolumesAreRead() {
            String broken =
                    TinyStudies.TWO_ARMS.replace("distillation.terms: [GT, KD]", "sampling: {patch: [9, 9, 9]}");
            Path out = folder.resolve("out");
            assertRefused(
                    TinyStudies.study(folder, broken),
                    TinyStudies.options(out, cohort, 1),
                    "arm taught: sampling.patch must be multiples of 2");
            assertFalse(Files.exists(out));
        }

        @Test
        void armsThatCanUseDifferentSubjects() {
            Path incomplete = CohortFixture.brats2021(folder.resolve("incomplete"), 4)
                    .delete("BraTS2021_00002", "t2")
                    .root();
            Study study = TinyStudies.study(folder, TinyStudies.TWO_ARMS);
            assertRefused(
                    study,
                    TinyStudies.options(folder.resolve("out"), incomplete, 1),
                    "labelled subjects and arm taught 3, so their scores would not be comparable");
            assertFalse(Files.exists(folder.resolve("out")));
        }

        @Test
        void aStudyWithoutACohort() {
            Study study = TinyStudies.study(folder, TinyStudies.TWO_ARMS);
            StudyOptions options =
                    new StudyOptions(folder.resolve("out"), Optional.empty(), Optional.empty(), "cpu", 1, 1, 0);
            assertRefused(study, options, "--cohort");
            assertFalse(Files.exists(folder.resolve("out")));
        }

        @Test
        void aFinishedTrialOfAnotherRecipeOrCohort() {
            Path out = TinyStudies.copy(oneFold, folder.resolve("out"));
            Study other = TinyStudies.study(folder, ONE_FOLD.replace("epochs: 2", "epochs: 3"));
            assertRefused(other, TinyStudies.options(out, cohort, 1), "was finished with another recipe");
            Path fewer = CohortFixture.brats2021(folder.resolve("fewer"), 3).root();
            Study same = TinyStudies.study(folder, ONE_FOLD);
            assertRefused(same, TinyStudies.options(out, fewer, 1), "was finished with another cohort");
            Study folds = TinyStudies.study(folder, ONE_FOLD.replace("count: 2", "count: 3"));
            assertRefused(folds, TinyStudies.options(out, cohort, 1), "holds a study with another folds.count");
        }

        @Test
        void weightsOfAnotherRecipeThatAreTrainedAndNotScored() {
            Path out = TinyStudies.copy(oneFold, folder.resolve("out"));
            Path trial = out.resolve("cells/taught-fold1-seed1");
            AtomicFiles.deleteFolder(trial.resolve("scores"));
            String longer = ONE_FOLD.replace("{distillation.terms: [GT, KD]}", "{optimization.epochs: 3}");
            StudyResult result = run(longer, out, 1, new TinyStudies.Listener()).orElseThrow();
            assertEquals(
                    List.of("taught-fold1-seed1"),
                    result.failed().stream().map(TrialState::name).toList());
            String error = result.failed().get(0).error();
            assertTrue(error.startsWith(trial + ": cannot be resumed with another recipe: "), error);
            assertFalse(Files.exists(trial.resolve("scores")), "no score under the hash of the new recipe");
            assertEquals(
                    List.of(),
                    run(ONE_FOLD, out, 1, new TinyStudies.Listener())
                            .orElseThrow()
                            .failed());
        }

        @Test
        void moreJobsThanTheMemoryHolds() {
            PreceptorException refused = assertThrows(
                    PreceptorException.class,
                    () -> new StudyOptions(folder, Optional.empty(), Optional.empty(), "cpu", 0, 4, 3000));
            assertTrue(refused.getMessage().contains("take fewer jobs"), refused.getMessage());
        }

        private void assertRefused(Study study, StudyOptions options, String why) {
            PreceptorException refused = assertThrows(
                    PreceptorException.class,
                    () -> StudyRun.run(study, options, new TinyStudies.Listener(), () -> false));
            assertTrue(refused.getMessage().contains(why), refused.getMessage());
            assertEquals(1, refused.getMessage().lines().count());
        }
    }

    private Optional<StudyResult> run(String yaml, Path out, int jobs, StudyListener listener) {
        return StudyRun.run(
                TinyStudies.study(folder, yaml), TinyStudies.options(out, cohort, jobs), listener, () -> false);
    }

    private static Map<String, byte[]> files(Path root) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> found) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((file, bytes) -> assertArrayEquals(bytes, found.get(file), file));
    }
}
