package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.model.ModelFile;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Commands on a real standalone Spark against the same commands on this machine. {@code -Dpreceptor.spark.subjects=500}, {@code
 * -Dpreceptor.spark.cohort=2000} and {@code -Dpreceptor.spark.pairs=500} make it large.
 */
@Tag("peers")
class SparkClusterTest {
    private static final int SUBJECTS = Integer.getInteger("preceptor.spark.subjects", 60);
    private static final int COHORT = Integer.getInteger("preceptor.spark.cohort", 60);
    private static final int PAIRS = Integer.getInteger("preceptor.spark.pairs", 60);
    /** A tiny network, and weights that do not depend on what a validation measures. */
    private static final List<String> TINY = List.of(
            "network.widths=[2,4]",
            "network.skips=1",
            "sampling.patch=[8,8,8]",
            "sampling.batch=2",
            "sampling.stepsPerEpoch=4",
            "preprocessing.spacing=0",
            "checkpointEvery=1",
            "validation.fraction=0",
            "validation.select=LAST",
            "validation.postProcessing=NONE",
            "validation.reliability=NONE");

    @TempDir
    private static Path folder;

    private static SparkCluster cluster;
    private static Path subjects;
    private static Path model;

    @BeforeAll
    static void start() {
        cluster = SparkCluster.start(folder);
        subjects = CohortFixture.brats2021(folder.resolve("subjects"), SUBJECTS).root();
        Path few = CohortFixture.brats2021(folder.resolve("few"), 4).root();
        local(training(few, "run", 2));
        model = folder.resolve("run/models/student.safetensors");
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static String[] training(Path cohort, String run, int epochs, String... further) {
        List<String> arguments = new ArrayList<>(List.of(
                "train", "baseline-small", "--cohort", cohort.toString(), "--threads", "1", "--out", path(run)));
        Stream.concat(TINY.stream(), Stream.of("optimization.epochs=" + epochs))
                .forEach(setting -> arguments.addAll(List.of("--set", setting)));
        arguments.addAll(List.of(further));
        return arguments.toArray(String[]::new);
    }

    private static String[] prediction(Path input, String output) {
        return new String[] {
            "predict", "--model", model.toString(), "--threads", "1", "--input", input.toString(), "--out", path(output)
        };
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static void local(String... arguments) {
        Run run = Run.of(arguments);
        assertEquals(0, run.code(), run.err());
    }

    private static void onCluster(String... arguments) {
        SparkCluster.Ended ended = cluster.run(arguments);
        assertEquals(0, ended.code(), ended.output());
    }

    /** A worker is killed, and another one comes. */
    private static void killWorker() {
        SparkCluster.kill(cluster.worker());
        cluster.addWorker();
    }

    @Test
    void predictionsEqualThoseOfOneMachineByteForByte() {
        local(prediction(subjects, "local"));
        onCluster(prediction(subjects, "spark"));
        assertSameFiles("local", "spark", name -> true);
    }

    @Test
    void aWorkerKilledInTheMiddleOfAPredictionChangesNoFile() {
        local(prediction(subjects, "whole"));
        Process command = cluster.begin(prediction(subjects, "killed"));
        SparkCluster.await(() -> maps("killed").size() > 2, "the first label maps");
        killWorker();
        SparkCluster.Ended ended = cluster.end(command);
        assertEquals(0, ended.code(), ended.output());
        assertSameFiles("whole", "killed", name -> true);
    }

    @Test
    void aKilledDriverIsStartedAgainAndPredictsOnlyWhatIsMissing() throws IOException {
        Process command = cluster.begin(prediction(subjects, "restarted"));
        SparkCluster.await(() -> maps("restarted").size() > 2, "the first label maps");
        SparkCluster.kill(command);
        Set<String> before = maps("restarted");
        long written = Files.getLastModifiedTime(
                        folder.resolve("restarted").resolve(before.iterator().next()))
                .toMillis();
        onCluster(prediction(subjects, "restarted"));
        assertEquals(
                written,
                Files.getLastModifiedTime(folder.resolve("restarted")
                                .resolve(before.iterator().next()))
                        .toMillis());
        String summary = Files.readString(folder.resolve("restarted/summary.csv"));
        assertTrue(summary.contains(",kept,"), summary);
        local(prediction(subjects, "once"));
        assertSameFiles("once", "restarted", name -> !name.equals("summary.csv"));
    }

    @Test
    void aSubjectThatEndsTheProcessIsNamedAfterItsSecondTryAndTheRestIsDone() {
        Path input =
                CohortFixture.brats2021(folder.resolve("with-a-killer"), 30).root();
        Path large = input.resolve("BraTS2021_00099");
        Grid grid = Grid.of(new Size(96, 96, 96), 1);
        Stream.of("t1", "t1ce", "t2", "flair")
                .forEach(sequence -> Nifti.write(
                        large.resolve("BraTS2021_00099_" + sequence + ".nii.gz"), NoiseVolumes.of(grid, 1)));
        Process command = cluster.begin(prediction(input, "named"));
        Set<Long> killed = new TreeSet<>();
        while (command.isAlive()) {
            executorOf("BraTS2021_00099", "named").ifPresent(pid -> {
                if (killed.add(pid)) {
                    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                }
            });
        }
        SparkCluster.Ended ended = cluster.end(command);
        assertEquals(1, ended.code(), ended.output());
        assertEquals(2, killed.size());
        assertTrue(ended.output().contains("BraTS2021_00099: the process of its executor ended twice"), ended.output());
        assertEquals(30, maps("named").size());
    }

    @Test
    void aCohortHasTheSameFingerprintAndStatistics() throws IOException {
        Path cohort = CohortFixture.brats2021(folder.resolve("many"), COHORT).root();
        local("cohort", cohort.toString(), "--json", path("local.json"));
        onCluster("cohort", cohort.toString(), "--json", path("spark.json"));
        assertEquals(Files.readString(folder.resolve("local.json")), Files.readString(folder.resolve("spark.json")));
    }

    @Test
    void scoresEqualThoseOfOneMachineByteForByte() {
        Path references =
                CohortFixture.brats2021(folder.resolve("pairs"), PAIRS).root();
        local(prediction(references, "scored"));
        local("evaluate", "--predictions", path("scored"), "--references", references.toString(), "--out", path("e1"));
        onCluster(
                "evaluate",
                "--predictions",
                path("scored"),
                "--references",
                references.toString(),
                "--out",
                path("e2"));
        assertSameFiles("e1", "e2", name -> true);
    }

    @Test
    void aUriThatOnlyASettingOfSparkDescribesIsReadAndWritten() throws IOException {
        // A name of Hadoop for this folder, which executors can know from the settings of the application only.
        String mount = "spark.hadoop.fs.viewfs.mounttable.t.link./data=" + folder.toUri();
        Path few = CohortFixture.brats2021(folder.resolve("mounted"), 6).root();
        local(prediction(few, "paths"));
        onCluster(
                "predict",
                "--model",
                model.toString(),
                "--threads",
                "1",
                "--input",
                "viewfs://t/data/mounted",
                "--out",
                "viewfs://t/data/uris",
                "--conf",
                mount);
        assertSameFiles("paths", "uris", name -> true);
        assertTrue(Files.exists(folder.resolve("uris/summary.parquet")));

        local("cohort", few.toString(), "--json", path("paths.json"));
        onCluster("cohort", "viewfs://t/data/mounted", "--json", path("uris.json"), "--conf", mount);
        assertEquals(
                Files.readString(folder.resolve("paths.json")),
                Files.readString(folder.resolve("uris.json")).replace("viewfs://t/data", folder.toString()));

        String[] scores = {"--predictions", path("paths"), "--references", few.toString(), "--out", path("scores1")};
        local(Stream.concat(Stream.of("evaluate"), Stream.of(scores)).toArray(String[]::new));
        onCluster(
                "evaluate",
                "--predictions",
                "viewfs://t/data/uris",
                "--references",
                "viewfs://t/data/mounted",
                "--out",
                "viewfs://t/data/scores2",
                "--conf",
                mount);
        assertEquals(
                Files.readString(folder.resolve("scores1/scores.csv")),
                Files.readString(folder.resolve("scores2/scores.csv")));
        assertEquals(
                Files.readString(folder.resolve("scores1/summary.json")),
                Files.readString(folder.resolve("scores2/summary.json"))
                        .replace("viewfs://t/data/uris", path("paths"))
                        .replace("viewfs://t/data", folder.toString()));
    }

    @Test
    void aStudyWithAKilledWorkerHasTheResultsOfOneMachine() {
        String study = path("study.yaml");
        AtomicFiles.writeString(Path.of(study), """
                name: small
                phantom: {subjects: 4, unseen: 0, size: 24, seed: 3, variant: UNIFORM}
                folds: {count: 2}
                seeds: [1]
                set:
                  network: {widths: [2, 4], skips: 1}
                  sampling: {patch: [16, 16, 16], stepsPerEpoch: 4}
                  optimization: {epochs: 12}
                  checkpointEvery: 1
                  validation: {fraction: 0, select: LAST, postProcessing: NONE, reliability: NONE}
                arms:
                  - {name: first, recipe: baseline-small}
                  - {name: second, recipe: baseline-small, set: {optimization.epochs: 13}}
                """);
        local("study", study, "--threads", "1", "--out", path("study1"));
        Process command = cluster.begin("study", study, "--threads", "1", "--memory", "1g", "--out", path("study2"));
        SparkCluster.await(() -> checkpoints("study2/cells") > 1, "the first checkpoints");
        killWorker();
        SparkCluster.Ended ended = cluster.end(command);
        assertEquals(0, ended.code(), ended.output());
        assertSameFiles(
                "study1",
                "study2",
                name -> name.matches("study.json|comparison.*|cells/[^/]*/scores/cell.json|cells/.*(csv|nii.gz)"));
    }

    @Test
    void aTrainingWhoseWorkerIsKilledResumesAndEndsWithTheSameWeights() {
        Path cohort = CohortFixture.brats2021(folder.resolve("learned"), 8).root();
        onCluster(training(cohort, "ranks", 60, "--ranks", "2"));
        Process command = cluster.begin(training(cohort, "ranks-killed", 60, "--ranks", "2"));
        SparkCluster.await(() -> checkpoints("ranks-killed") > 1, "the first checkpoints");
        killWorker();
        SparkCluster.Ended ended = cluster.end(command);
        assertEquals(0, ended.code(), ended.output());
        ModelFile expected = ModelFile.read(folder.resolve("ranks/models/student.safetensors"));
        ModelFile resumed = ModelFile.read(folder.resolve("ranks-killed/models/student.safetensors"));
        expected.weights()
                .forEach((name, array) ->
                        assertEquals(array.bytes(), resumed.weights().get(name).bytes(), name));
    }

    @Test
    void aSignalToATrainingEndsItWithACheckpoint() throws IOException {
        Path cohort = CohortFixture.brats2021(folder.resolve("signalled"), 4).root();
        Process command =
                cluster.begin(training(cohort, "run-signalled", 1000, "--set", "checkpointEvery=1000", "--ranks", "2"));
        SparkCluster.await(() -> Files.exists(folder.resolve("run-signalled/metrics.jsonl")), "the first epoch");
        command.destroy();
        SparkCluster.Ended ended = cluster.end(command);
        assertEquals(143, ended.code(), ended.output());
        assertTrue(ended.output().contains("the same command with --resume continues"), ended.output());
        assertTrue(Files.readString(folder.resolve("run-signalled/run.json")).contains("\"stopped\""), ended.output());
        assertEquals(1, checkpoints("run-signalled"));
    }

    private static Optional<Long> executorOf(String id, String output) {
        Path files = folder.resolve(output).resolve(".preceptor-spark");
        Set<String> names = files(files);
        // A file that is still written aside is not there yet.
        names.removeIf(name -> !name.matches("[^/]*/[^./]*\\.json"));
        for (String name : names) {
            try {
                JsonNode progress = JsonFiles.read(files.resolve(name));
                if (progress.path("id").asString("").equals(id)
                        && progress.path("entry").isNull()) {
                    return Optional.of(
                            Long.parseLong(progress.path("process").asString("").replaceFirst(".* ", "")));
                }
            } catch (RuntimeException e) {
                // The executor has renamed or removed the file meanwhile.
                continue;
            }
        }
        return Optional.empty();
    }

    private static Set<String> maps(String output) {
        Set<String> maps = files(folder.resolve(output));
        maps.removeIf(name -> !name.matches("[^./][^/]*\\.nii\\.gz"));
        return maps;
    }

    private static long checkpoints(String place) {
        return files(folder.resolve(place)).stream()
                .filter(name -> name.endsWith("SHA256SUMS"))
                .count();
    }

    private interface Names {
        boolean include(String name);
    }

    private static void assertSameFiles(String expected, String actual, Names names) {
        Set<String> first = files(folder.resolve(expected));
        Set<String> second = files(folder.resolve(actual));
        first.removeIf(name -> !names.include(name));
        // One that only a cluster writes, and checksums of Hadoop.
        second.removeIf(name -> !names.include(name) || name.equals("summary.parquet") || name.endsWith(".crc"));
        assertFalse(first.isEmpty());
        assertEquals(first, second);
        for (String name : first) {
            try {
                assertArrayEquals(
                        Files.readAllBytes(folder.resolve(expected).resolve(name)),
                        Files.readAllBytes(folder.resolve(actual).resolve(name)),
                        name);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Set<String> files(Path place) {
        Set<String> files = new TreeSet<>();
        try (Stream<Path> tree = Files.exists(place) ? Files.walk(place) : Stream.empty()) {
            tree.filter(Files::isRegularFile)
                    .forEach(file -> files.add(place.relativize(file).toString()));
        } catch (IOException | UncheckedIOException e) {
            // Files come and go while a command runs.
            return files;
        }
        return files;
    }
}
