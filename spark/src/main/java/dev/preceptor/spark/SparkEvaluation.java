package dev.preceptor.spark;

import dev.preceptor.base.TemporaryFolder;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.UnusedFile;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.metrics.PairScoring;
import dev.preceptor.report.EvaluationReport;
import dev.preceptor.volume.LabelSpace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An evaluation whose pairs are scored on a cluster, with the same numbers and files as on one machine. Predictions, references and
 * results are in folders that all machines reach by the same path or URI. Of URIs the driver copies the label maps once, to find pairs
 * and label schema and to draw the report; executors copy one pair at a time. {@link #close} removes the copies of the driver.
 */
public final class SparkEvaluation implements AutoCloseable {
    private final InputMirror predictions;
    private final InputMirror references;

    private SparkEvaluation(InputMirror predictions, InputMirror references) {
        this.predictions = predictions;
        this.references = references;
    }

    /**
     * Opens both folders.
     *
     * @param predictions path or URI; a path may be that of a file
     * @param references path or URI; a path may be that of a file
     * @throws dev.preceptor.base.PreceptorException if a URI cannot be read
     */
    public static SparkEvaluation of(Path predictions, Path references) {
        InputMirror first = InputMirror.of(predictions);
        try {
            first.fetchLabelMaps();
            SparkEvaluation both = new SparkEvaluation(first, InputMirror.of(references));
            try {
                both.references.fetchLabelMaps();
                return both;
            } catch (RuntimeException e) {
                both.references.close();
                throw e;
            }
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
    }

    /** The files that look like label maps and are none, one line each. */
    public List<String> unused() {
        return Stream.of(predictions, references)
                .flatMap(place -> place.naming(() -> LabelFiles.at(place.folder())).unused().stream())
                .map(UnusedFile::toString)
                .map(this::named)
                .toList();
    }

    /**
     * Scores all pairs.
     *
     * @param listener is notified of tasks
     * @throws dev.preceptor.base.PreceptorException as {@link Evaluation#of(Path, Path, EvaluationOptions)}, or if the cluster gives up
     */
    public Evaluation run(ClusterSession cluster, EvaluationOptions options, TaskListener listener) {
        return predictions.naming(() -> references.naming(() -> Evaluation.of(
                predictions.folder(),
                references.folder(),
                options.withThreads(1),
                (how, pairs) -> score(cluster, how, pairs, listener))));
    }

    private List<Evaluation.Case> score(
            ClusterSession cluster, PairScoring how, List<PairScoring.Pair> pairs, TaskListener listener) {
        ProbabilityNames probabilities = new ProbabilityNames(predictions.names());
        List<ScoreTask.PairFiles> files = pairs.stream()
                .map(pair -> {
                    String prediction = predictions.name(pair.prediction());
                    return new ScoreTask.PairFiles(
                            pair.subject(),
                            prediction,
                            probabilities.beside(prediction, pair.subject()),
                            references.name(pair.reference()));
                })
                .toList();
        List<String> batches = Batches.of(files, cluster.slots()).stream()
                .map(batch -> TaskJson.text(new ScoreTask.Batch(batch)))
                .toList();
        ScoreTask task = new ScoreTask(new ScoreTask.Request(how, predictions.place(), references.place()));
        List<Evaluation.Case> cases = new ArrayList<>();
        for (String text : cluster.map(batches, task, listener)) {
            for (ScoreTask.Scored scored :
                    TaskJson.of(text, ScoreTask.Result.class).scored()) {
                cases.add(scored.of(pairs.get(cases.size())));
            }
        }
        return cases;
    }

    /**
     * Writes scores and report, with the names of the files as they were given.
     *
     * @param predictionSchema of the predictions; empty if it is that of the references
     * @param out path or URI of a folder
     * @throws dev.preceptor.base.PreceptorException if a file cannot be written
     */
    public void write(Evaluation evaluation, Optional<LabelSpace> predictionSchema, Path out) {
        EvaluationReport report =
                new EvaluationReport(evaluation, predictions.folder(), references.folder(), predictionSchema);
        Store results = Store.at(Place.of(out));
        if (predictions.isLocal() && references.isLocal() && results instanceof MountedStore) {
            EvaluationFiles.write(evaluation, out);
            report.write(out);
            return;
        }
        references.fetchImages(report.drawn());
        try (TemporaryFolder scratch = StagingFolders.folder()) {
            EvaluationFiles.write(evaluation, scratch.path());
            report.write(scratch.path());
            Store written = new MountedStore(scratch.path());
            for (String name : written.files("").keySet()) {
                // An evaluation has text files only.
                String text = new String(written.read(name).orElseThrow(), StandardCharsets.UTF_8);
                results.write(name, named(text).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private String named(String text) {
        return references.named(predictions.named(text));
    }

    @Override
    public void close() {
        predictions.close();
        references.close();
    }
}
