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
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.SubjectOutcome;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.model.ModelFile;
import dev.preceptor.report.EvaluationReport;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.train.TinyRuns;
import dev.preceptor.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
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
        cluster = LocalSpark.connect();
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
        return LocalSpark.predict(cluster, model, input, output, Optional.empty(), new Warnings(new ArrayList<>()));
    }

    private static void locally(Path input, Path output) {
        LocalSpark.predictHere(model, input, output);
    }

    @Test
    void aPredictionWritesTheFilesOfOneMachineAndLeavesNothingElse() {
        locally(subjects, folder.resolve("local"));
        onCluster(subjects, folder.resolve("spark"));
        LocalSpark.assertSameFiles(folder.resolve("local"), folder.resolve("spark"));
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
        LocalSpark.assertSameFiles(folder.resolve("damaged-local"), folder.resolve("damaged-spark"));
    }

    @Test
    void aSubjectInWorkWhenItsExecutorWasLostIsSuspectedThenTriedAgainThenNamed() throws IOException {
        Path output = Files.createDirectories(folder.resolve("lost"));
        Path shipped = folder.resolve("shipped.safetensors");
        Files.copy(model, shipped);
        cluster.spark().addFile(shipped.toString());
        PredictionRequest request = new PredictionRequest(
                List.of(shipped.getFileName().toString()),
                PredictionOptions.DEFAULTS,
                1,
                subjects.toString(),
                output.toString(),
                false,
                false,
                Optional.empty());
        SubjectManifest first =
                SubjectManifest.of(Cohort.open(subjects).subjects().get(0).imageSet(), subjects);
        String application = cluster.spark().sc().applicationId();

        // Its executor was lost once: a second try of its own segments it.
        new SubjectProgress(first.id(), application, 1, Optional.empty()).write(new MountedStore(output));
        PredictionTask.Result again = secondTry(request, first, application);
        assertEquals(SubjectOutcome.Status.SEGMENTED, again.outcomes().get(0).status());
        assertTrue(Files.exists(output.resolve(first.id() + ".nii.gz")));

        // It was lost in that try too: it is named and not tried again.
        new SubjectProgress(first.id(), application, 2, Optional.empty()).write(new MountedStore(output));
        Files.delete(output.resolve(first.id() + ".nii.gz"));
        PredictionTask.Result named = secondTry(request, first, application);
        assertEquals(SubjectOutcome.Status.FAILED, named.outcomes().get(0).status());
        assertTrue(named.outcomes().get(0).reason().contains("ended twice"));
        assertTrue(Files.notExists(output.resolve(first.id() + ".nii.gz")));
    }

    private static PredictionTask.Result secondTry(
            PredictionRequest request, SubjectManifest subject, String application) {
        PredictionBatch batch = new PredictionBatch(application, List.of(subject), Map.of(), true);
        List<String> results =
                cluster.map(List.of(TaskJson.text(batch)), new PredictionTask(request), TaskListener.NONE);
        return TaskJson.of(results.get(0), PredictionTask.Result.class);
    }

    @Test
    void theSummaryInParquetHasTheRowsOfTheSummaryAndTypedColumns() throws IOException {
        Path input = TinyRuns.cohort(folder.resolve("summed"), 3);
        AtomicFiles.writeString(input.resolve("BraTS2021_00002/BraTS2021_00002_t1ce.nii.gz"), "no image");
        Path output = folder.resolve("summaries");
        onCluster(input, output);
        SparkSession sql = SparkSession.builder()
                .config(
                        "spark.sql.warehouse.dir",
                        folder.resolve("warehouse").toUri().toString())
                // A few rows are not worth compiling code for.
                .config("spark.sql.codegen.wholeStage", false)
                .getOrCreate();
        Dataset<Row> rows =
                sql.read().parquet(output.resolve("summary.parquet").toUri().toString());
        Dataset<Row> table = sql.read()
                .option("header", true)
                .option("escape", "\"")
                .csv(output.resolve("summary.csv").toUri().toString());
        assertEquals(List.of(table.columns()), List.of(rows.columns()));
        List<Row> found = rows.collectAsList();
        assertEquals(texts(table.collectAsList()), texts(found));
        for (StructField column : rows.schema().fields()) {
            boolean isText =
                    List.of("subject", "status", "reason", "fired", "accepted").contains(column.name());
            assertEquals(isText ? DataTypes.StringType : DataTypes.DoubleType, column.dataType(), column.name());
        }
        assertEquals(
                List.of(false, true, false),
                found.stream()
                        .map(row -> row.getAs("status").equals("failed") && row.getAs("reason") != null)
                        .toList());
        assertEquals(
                List.of(true, false, true),
                found.stream().map(row -> row.getAs("WT_ml") != null).toList());
        try (Stream<Path> left = Files.list(output)) {
            assertEquals(
                    List.of("predictions.json", "summary.csv", "summary.parquet"),
                    left.map(file -> file.getFileName().toString())
                            .filter(name -> !name.endsWith(".nii.gz"))
                            .sorted()
                            .toList());
        }
    }

    /** Cells as texts; one without a value is null in Parquet, and NaN or nothing in CSV. */
    private static List<List<String>> texts(List<Row> rows) {
        return rows.stream()
                .map(row -> IntStream.range(0, row.length())
                        .mapToObj(i -> row.isNullAt(i) || row.get(i).equals("NaN")
                                ? ""
                                : row.get(i).toString())
                        .toList())
                .toList();
    }

    @Test
    void aForeignFileWithTheNameOfTheSummaryIsNotOverwritten() {
        Path output = folder.resolve("foreign");
        AtomicFiles.writeString(output.resolve("summary.parquet"), "of someone else");
        String message = assertThrows(PreceptorException.class, () -> onCluster(subjects, output))
                .getMessage();
        assertTrue(message.contains("summary.parquet: is not a summary of predictions"), message);
    }

    @Test
    void aCohortHasTheSummaryOfOneMachine() {
        Cohort cohort = Cohort.open(subjects);
        CohortSummary expected = CohortSummary.of(cohort);
        CohortSummary summary = SparkCohort.summary(cluster, InputMirror.of(subjects), cohort, TaskListener.NONE);
        assertEquals(expected.toJson(), summary.toJson());
        assertEquals(expected.toText(), summary.toText());
        assertEquals(expected.contents(), summary.contents());
    }

    @Test
    void anEvaluationHasTheTablesOfOneMachine() {
        locally(subjects, folder.resolve("predictions"));
        Path predictions = folder.resolve("predictions");
        Evaluation expected = Evaluation.of(predictions, subjects, EvaluationOptions.DEFAULT);
        EvaluationFiles.write(expected, folder.resolve("scores-local"));
        new EvaluationReport(expected, predictions, subjects, Optional.empty()).write(folder.resolve("scores-local"));
        try (SparkEvaluation work = SparkEvaluation.of(predictions, subjects)) {
            work.write(
                    work.run(cluster, EvaluationOptions.DEFAULT, TaskListener.NONE),
                    Optional.empty(),
                    folder.resolve("scores-spark"));
        }
        LocalSpark.assertSameFiles(folder.resolve("scores-local"), folder.resolve("scores-spark"));
    }

    @Test
    void aPairThatCannotBeScoredEndsTheEvaluationWithTheErrorOfOneMachine() throws IOException {
        Path predictions = folder.resolve("bad");
        Files.createDirectories(predictions);
        AtomicFiles.writeString(predictions.resolve("BraTS2021_00001.nii.gz"), "no image");
        EvaluationOptions options = EvaluationOptions.DEFAULT;
        String expected = assertThrows(PreceptorException.class, () -> Evaluation.of(predictions, subjects, options))
                .getMessage();
        try (SparkEvaluation work = SparkEvaluation.of(predictions, subjects)) {
            assertEquals(
                    expected,
                    assertThrows(PreceptorException.class, () -> work.run(cluster, options, TaskListener.NONE))
                            .getMessage());
        }
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

    /** Works until it is told to stop, and then for half a second more. */
    private static String untilStopped(String name) throws IOException, InterruptedException {
        Files.createFile(folder.resolve(name + "-begun"));
        while (!TaskContext.get().isInterrupted()) {
            Thread.sleep(20);
        }
        Thread.sleep(500);
        Files.createFile(folder.resolve(name + "-ended"));
        return name;
    }

    @Test
    void tasksThatAreToldToStopAreWaitedFor() {
        Path begun = folder.resolve("task-begun");
        assertEquals(
                List.of(),
                cluster.map(
                        List.of("task"),
                        LocalClusterTest::untilStopped,
                        TaskListener.NONE,
                        () -> {},
                        () -> Files.exists(begun)));
        assertTrue(Files.exists(folder.resolve("task-ended")));
    }

    @Test
    void aRankThatIsStoppedHasWrittenItsCheckpoint() throws IOException {
        Path run = folder.resolve("stopped");
        TrainingJob job = new TrainingJob(
                TinyRuns.recipe("baseline-small", "optimization.epochs=1000", "checkpointEvery=1000"),
                subjects,
                run,
                Optional.empty(),
                false,
                "cpu",
                1);
        assertFalse(new SparkTraining(cluster, 1)
                .run(job, phrase -> {}, () -> Files.exists(run.resolve("metrics.jsonl")))
                .finished());
        assertTrue(Files.readString(run.resolve("run.json")).contains("\"stopped\""));
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            assertEquals(1, checkpoints.count());
        }
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
}
