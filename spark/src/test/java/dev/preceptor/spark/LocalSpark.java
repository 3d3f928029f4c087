package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.preceptor.cohort.SeriesChoice;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.infer.NiftiSegmentations;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/** A Spark with driver and two tasks in this process, and what tests compare with it. */
final class LocalSpark {
    private LocalSpark() {}

    /** Connects; the cluster reads {@code test:} URIs. */
    static ClusterSession connect() {
        return ClusterSession.connect(new SparkConf()
                .setAppName("test")
                .setMaster("local[2]")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.hadoop.fs." + RenamedFileSystem.SCHEME + ".impl", RenamedFileSystem.class.getName()));
    }

    /** A folder of this machine as a URI that only the cluster reads. */
    static Path uri(Path folder) {
        return Place.path(text(folder));
    }

    /** The same as texts have it. */
    static String text(Path folder) {
        return RenamedFileSystem.SCHEME + "://" + folder.toAbsolutePath();
    }

    /** A prediction on the cluster, with uncertainty where the format has it. */
    static PredictionJob.JobResult predict(
            ClusterSession cluster,
            Path model,
            Path input,
            Path output,
            Optional<SegmentationType> dicom,
            PredictionJob.Listener listener) {
        try (Predictor predictor = Predictor.read(List.of(model), PredictionOptions.DEFAULTS)) {
            return new SparkPrediction(
                            List.of(model),
                            PredictionOptions.DEFAULTS,
                            input,
                            output,
                            false,
                            dicom.isEmpty(),
                            dicom,
                            SeriesChoice.NONE)
                    .run(cluster, predictor, listener, TaskListener.NONE);
        }
    }

    /** A prediction without a cluster. */
    static void predictHere(Path model, Path input, Path output) {
        Torch.useThreads(1);
        try (Predictor predictor = Predictor.read(List.of(model), PredictionOptions.DEFAULTS)) {
            new PredictionJob(input, output, false, Optional.empty(), new NiftiSegmentations(), true)
                    .run(predictor, done -> {});
        }
    }

    /** Asserts that two folders have the same files, except for the summary that only a cluster writes. */
    static void assertSameFiles(Path expected, Path actual) {
        assertSameFiles(expected, actual, "", "");
    }

    /** The same, where the second folder has one text instead of another. */
    static void assertSameFiles(Path expected, Path actual, String text, String replacement) {
        Set<String> names = files(expected);
        assertFalse(names.isEmpty());
        assertEquals(names, files(actual));
        for (String name : names) {
            try {
                byte[] bytes = Files.readAllBytes(actual.resolve(name));
                if (!text.isEmpty() && !name.endsWith(".gz")) {
                    bytes = new String(bytes, StandardCharsets.UTF_8)
                            .replace(text, replacement)
                            .getBytes(StandardCharsets.UTF_8);
                }
                assertArrayEquals(Files.readAllBytes(expected.resolve(name)), bytes, name);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The names of all files below a folder. */
    static Set<String> files(Path place) {
        try (Stream<Path> tree = Files.walk(place)) {
            Set<String> files = new TreeSet<>();
            tree.filter(Files::isRegularFile)
                    .map(file -> place.relativize(file).toString())
                    .filter(name -> !name.equals(SummaryParquet.NAME))
                    .forEach(files::add);
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
