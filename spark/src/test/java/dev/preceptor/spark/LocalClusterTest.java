package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.infer.NiftiSegmentations;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.model.ModelFile;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.TinyRuns;
import dev.preceptor.train.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in a Spark that runs driver and two tasks in this process, against the same commands without it. */
@Tag("integration")
class LocalClusterTest {
    private static final int SUBJECTS = 5;

    @TempDir
    private static Path folder;

    private static ClusterSession cluster;
    private static Path subjects;
    private static Path model;

    @BeforeAll
    static void start() {
        subjects = TinyRuns.cohort(folder.resolve("subjects"), SUBJECTS);
        Path run = folder.resolve("run");
        model = Training.run(
                        new TrainingJob(
                                TinyRuns.recipe("baseline-small"), subjects, run, Optional.empty(), false, "cpu", 1),
                        event -> {},
                        () -> false)
                .models()
                .get("student");
        cluster = ClusterSession.connect(new SparkConf()
                .setAppName("test")
                .setMaster("local[2]")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private record Warnings(List<String> lines) implements PredictionJob.Listener {
        @Override
        public void onDone(PredictionJob.Done done) {}

        @Override
        public void onFailed(PredictionJob.Failure failure) {
            lines.add(failure.toString());
        }
    }

    private static PredictionJob.JobResult onCluster(Path input, Path output) {
        try (Predictor predictor = Predictor.read(List.of(model), PredictionOptions.DEFAULTS)) {
            return new SparkPrediction(List.of(model), PredictionOptions.DEFAULTS, input, output, false, true)
                    .run(cluster, predictor, new Warnings(new ArrayList<>()), TaskListener.NONE);
        }
    }

    private static void locally(Path input, Path output) {
        Torch.useThreads(1);
        try (Predictor predictor = Predictor.read(List.of(model), PredictionOptions.DEFAULTS)) {
            new PredictionJob(input, output, false, Optional.empty(), new NiftiSegmentations(), true)
                    .run(predictor, new Warnings(new ArrayList<>()));
        }
    }

    @Test
    void aPredictionWritesTheFilesOfOneMachineAndLeavesNothingElse() {
        locally(subjects, folder.resolve("local"));
        onCluster(subjects, folder.resolve("spark"));
        assertSameFiles(folder.resolve("local"), folder.resolve("spark"));
    }

    @Test
    void aSecondPredictionKeepsWhatIsCurrentAndPredictsWhatIsNot() throws IOException {
        Path output = folder.resolve("twice");
        onCluster(subjects, output);
        Path damaged = output.resolve("BraTS2021_00002.nii.gz");
        byte[] before = Files.readAllBytes(damaged);
        AtomicFiles.writeString(damaged, "damaged");
        List<PredictionJob.Done> done = onCluster(subjects, output).done();
        assertEquals(
                List.of("BraTS2021_00002"),
                done.stream()
                        .filter(one -> !one.isKept())
                        .map(PredictionJob.Done::id)
                        .toList());
        assertArrayEquals(before, Files.readAllBytes(damaged));
    }

    @Test
    void aDamagedSubjectIsARowWithItsErrorAsOnOneMachine() throws IOException {
        Path input = TinyRuns.cohort(folder.resolve("damaged"), 3);
        AtomicFiles.writeString(input.resolve("BraTS2021_00001/BraTS2021_00001_t1ce.nii.gz"), "no image");
        AtomicFiles.writeString(input.resolve("BraTS2021_00001/BraTS2021_00001_t1.nii.gz"), "no image");
        locally(input, folder.resolve("damaged-local"));
        PredictionJob.JobResult result = onCluster(input, folder.resolve("damaged-spark"));
        assertEquals(1, result.failed().size());
        assertSameFiles(folder.resolve("damaged-local"), folder.resolve("damaged-spark"));
    }

    @Test
    void filesOfAnotherFileSystemAreFetchedAndWrittenBack() {
        locally(subjects, folder.resolve("near"));
        Path output = folder.resolve("far");
        Path uri = Path.of("file:" + output);
        onCluster(Path.of("file:" + subjects), uri);
        assertSameFiles(folder.resolve("near"), output);
        assertTrue(onCluster(Path.of("file:" + subjects), uri).done().stream().allMatch(PredictionJob.Done::isKept));
    }

    @Test
    void aSubjectInWorkWhenItsExecutorWasLostIsSuspectedThenTriedAgainThenNamed() {
        Path output = folder.resolve("lost");
        Store store = new LocalStore(output);
        String application = cluster.spark().sc().applicationId();
        SubjectProgress begun = new SubjectProgress("a", application, 1, Optional.empty());
        begun.write(store);
        assertEquals(Optional.of(begun), SubjectProgress.read(store, "a"));
        assertTrue(begun.lost().reason().contains("ended twice"));
        assertFalse(begun.lost().isComplete());
    }

    @Test
    void aCohortHasTheSummaryOfOneMachine() {
        Cohort cohort = Cohort.open(subjects);
        CohortSummary expected = CohortSummary.of(cohort);
        CohortSummary summary = SparkCohort.summary(cluster, cohort, TaskListener.NONE);
        assertEquals(expected.toJson(), summary.toJson());
        assertEquals(expected.toText(), summary.toText());
        assertEquals(expected.contents(), summary.contents());
    }

    @Test
    void anEvaluationHasTheTablesOfOneMachine() {
        locally(subjects, folder.resolve("predictions"));
        Path predictions = folder.resolve("predictions");
        EvaluationFiles.write(
                Evaluation.of(predictions, subjects, EvaluationOptions.DEFAULT), folder.resolve("scores-local"));
        EvaluationFiles.write(
                Evaluation.of(
                        predictions, subjects, EvaluationOptions.DEFAULT, new SparkScores(cluster, TaskListener.NONE)),
                folder.resolve("scores-spark"));
        assertSameFiles(folder.resolve("scores-local"), folder.resolve("scores-spark"));
    }

    @Test
    void aPairThatCannotBeScoredEndsTheEvaluationWithTheErrorOfOneMachine() throws IOException {
        Path predictions = folder.resolve("bad");
        Files.createDirectories(predictions);
        AtomicFiles.writeString(predictions.resolve("BraTS2021_00001.nii.gz"), "no image");
        EvaluationOptions options = EvaluationOptions.DEFAULT;
        String expected = assertThrows(PreceptorException.class, () -> Evaluation.of(predictions, subjects, options))
                .getMessage();
        SparkScores scores = new SparkScores(cluster, TaskListener.NONE);
        assertEquals(
                expected,
                assertThrows(PreceptorException.class, () -> Evaluation.of(predictions, subjects, options, scores))
                        .getMessage());
    }

    @Test
    void oneRankTrainsTheWeightsOfOneProcess() throws IOException {
        Path run = folder.resolve("rank");
        TrainingJob job =
                new TrainingJob(TinyRuns.recipe("baseline-small"), subjects, run, Optional.empty(), false, "cpu", 1);
        Path trained = new SparkTraining(cluster, 1)
                .run(job, phrase -> {}, () -> false)
                .models()
                .get("student");
        assertEquals(
                ModelFile.read(model).weights().keySet(),
                ModelFile.read(trained).weights().keySet());
        ModelFile.read(model)
                .weights()
                .forEach((name, array) -> assertEquals(
                        array.bytes(),
                        ModelFile.read(trained).weights().get(name).bytes(),
                        name));
    }

    @Test
    void theErrorOfARankIsThatOfTheTraining() {
        TrainingJob job = new TrainingJob(
                TinyRuns.recipe("baseline-small"),
                folder.resolve("nowhere"),
                folder.resolve("none"),
                Optional.empty(),
                false,
                "cpu",
                1);
        String message = assertThrows(
                        PreceptorException.class,
                        () -> new SparkTraining(cluster, 1).run(job, phrase -> {}, () -> false))
                .getMessage();
        assertTrue(message.contains("nowhere"), message);
    }

    private static void assertSameFiles(Path expected, Path actual) {
        Set<String> names = files(expected);
        assertFalse(names.isEmpty());
        assertEquals(names, files(actual));
        for (String name : names) {
            try {
                assertArrayEquals(
                        Files.readAllBytes(expected.resolve(name)), Files.readAllBytes(actual.resolve(name)), name);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Set<String> files(Path place) {
        try (Stream<Path> tree = Files.walk(place)) {
            Set<String> files = new TreeSet<>();
            tree.filter(Files::isRegularFile)
                    // Checksums that Hadoop writes beside files of file:// only.
                    .filter(file -> !file.getFileName().toString().endsWith(".crc"))
                    .forEach(file -> files.add(place.relativize(file).toString()));
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
