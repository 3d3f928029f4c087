package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.TemporaryFolder;
import dev.preceptor.cohort.SeriesChoice;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.infer.Assessment;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.PredictionSummary;
import dev.preceptor.infer.Predictor;
import dev.preceptor.infer.SegmentationWriter;
import dev.preceptor.infer.SubjectOutcome;
import dev.preceptor.volume.Region;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Segments a folder of subjects on a cluster, with the same files as {@link PredictionJob}. Large subjects come first, so that no
 * executor begins one when the others are done. Outputs, and a small file for each subject, are written by the executors;
 * {@code predictions.json}, {@code summary.csv} and {@code summary.parquet} by the driver at the end.
 *
 * @param models files of the models, one of several form an ensemble
 * @param options of the prediction
 * @param input folder of the subjects
 * @param output folder of the label maps
 * @param probabilities whether the probabilities of the regions are written
 * @param uncertainty whether the uncertainty of each voxel is written
 * @param dicom the type of the DICOM segmentations that are written; empty for NIfTI files
 * @param choice what the user says about DICOM series
 */
public record SparkPrediction(
        List<Path> models,
        PredictionOptions options,
        Path input,
        Path output,
        boolean probabilities,
        boolean uncertainty,
        Optional<SegmentationType> dicom,
        SeriesChoice choice) {
    /**
     * Segments all subjects.
     *
     * @param predictor of the same models and options, which says what they need
     * @param listener is notified of subjects after all tasks
     * @param tasks is notified of tasks
     * @return the subjects that are complete, and those that were left out
     * @throws dev.preceptor.base.PreceptorException if input, output and models do not fit together, or the cluster gives up
     */
    public PredictionJob.JobResult run(
            ClusterSession cluster, Predictor predictor, PredictionJob.Listener listener, TaskListener tasks) {
        if (Place.of(input).isLocal() && !Files.isDirectory(input)) {
            throw new MismatchException(input
                    + ": a cluster segments a folder of subjects; name one, or leave out --spark for a single file");
        }
        try (TemporaryFolder shipped = StagingFolders.folder();
                InputMirror mirror = InputMirror.of(input);
                PredictionOutputs outputs = PredictionOutputs.of(output)) {
            mirror.requireNifti();
            SegmentationWriter writer = SegmentationWriter.of(dicom, predictor);
            requireWritable(writer);
            PredictionJob job = new PredictionJob(
                    mirror.folder(),
                    outputs.folder(),
                    probabilities,
                    choice.sequence(),
                    writer,
                    uncertainty,
                    choice.series());
            List<SubjectManifest> subjects = mirror.naming(() -> job.subjects(predictor)).stream()
                    .map(subject -> SubjectManifest.of(subject, mirror.folder()))
                    .toList();
            List<Region> regions = predictor.labels().regions();
            requireNoInput(mirror, subjects, writer, probabilities ? regions : List.of());
            PredictionSummary summary = new PredictionSummary(outputs.folder(), outputs::entries, regions);
            SummaryParquet.requireOwn(outputs.folder());
            PredictionRounds rounds =
                    new PredictionRounds(cluster, request(cluster, shipped.path()), outputs, listener, tasks);
            Map<String, SubjectOutcome> outcomes = new TreeMap<>();
            rounds.run(subjects, mirror::bytes)
                    .forEach((id, outcome) -> outcomes.put(id, outcome.withReason(mirror.named(outcome.reason()))));
            outputs.finish(summary, List.copyOf(outcomes.values()));
            return result(subjects, outcomes, listener, writer);
        }
    }

    private void requireWritable(SegmentationWriter writer) {
        if (writer.namesFile(output)) {
            throw new MismatchException(
                    Place.of(output) + ": names one file; a cluster writes into a folder, name one with --out");
        }
        if (uncertainty) {
            writer.requireUncertainty(Place.of(output).toString());
        }
    }

    /** Executors cannot see this where they read and write copies. */
    private void requireNoInput(
            InputMirror mirror, List<SubjectManifest> subjects, SegmentationWriter writer, List<Region> regions) {
        for (SubjectManifest subject : subjects) {
            Set<String> inputs = subject.files().stream()
                    .map(name -> mirror.place() + "/" + name)
                    .collect(Collectors.toSet());
            Stream.concat(
                            writer.files(output, subject.id(), regions).stream(),
                            writer.uncertaintyFile(output, subject.id()).stream())
                    .map(SparkPrediction::absolute)
                    .filter(inputs::contains)
                    .findFirst()
                    .ifPresent(file -> {
                        throw new MismatchException(file + ": is a file of subject " + subject.id()
                                + " and would be overwritten; name another folder with --out");
                    });
        }
    }

    /** Gives the executors the models, from copies that stay until the end; each fetches them once. */
    private PredictionRequest request(ClusterSession cluster, Path scratch) {
        List<String> names = new ArrayList<>();
        for (Path model : models) {
            // Models of an ensemble may have the same name in different folders.
            String name = names.size() + "-" + model.getFileName();
            AtomicFiles.write(scratch.resolve(name), out -> Files.copy(model, out));
            cluster.spark().addFile(scratch.resolve(name).toString());
            names.add(name);
        }
        return new PredictionRequest(
                names,
                options,
                cluster.coresOfTask(),
                absolute(input),
                absolute(output),
                probabilities,
                uncertainty,
                dicom);
    }

    private static String absolute(Path path) {
        Place place = Place.of(path);
        return place.isLocal() ? path.toAbsolutePath().normalize().toString() : place.toString();
    }

    private PredictionJob.JobResult result(
            List<SubjectManifest> subjects,
            Map<String, SubjectOutcome> outcomes,
            PredictionJob.Listener listener,
            SegmentationWriter writer) {
        List<PredictionJob.Done> done = new ArrayList<>();
        List<PredictionJob.Failure> failed = new ArrayList<>();
        for (SubjectManifest subject : subjects) {
            SubjectOutcome outcome = outcomes.get(subject.id());
            if (outcome.isComplete()) {
                PredictionJob.Done complete = new PredictionJob.Done(
                        subject.id(),
                        writer.files(output, subject.id(), List.of()).get(0),
                        outcome.status() == SubjectOutcome.Status.KEPT,
                        done.size() + failed.size() + 1,
                        subjects.size(),
                        List.of(),
                        List.of(),
                        Assessment.NONE);
                done.add(complete);
                listener.onDone(complete);
            } else {
                PredictionJob.Failure failure = new PredictionJob.Failure(
                        subject.id(), outcome.reason(), new PreceptorException(outcome.reason()));
                failed.add(failure);
                listener.onFailed(failure);
            }
        }
        return new PredictionJob.JobResult(done, failed);
    }
}
