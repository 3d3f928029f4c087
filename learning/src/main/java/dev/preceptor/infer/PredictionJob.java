package dev.preceptor.infer;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.SeriesChoice;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Segments the subjects at a path and writes label maps: one file for a single subject, or one for each subject in a folder.
 * Names, the subjects' own files and the index of the output folder are checked before the first prediction. Each output is
 * written whole or not at all.
 *
 * <p>Each image is decompressed once; while one subject is predicted, the
 * next one is read and the last one written. Among several subjects, one that cannot be read or segmented is
 * reported and left out, also one that a guard of the models refuses. In a folder, {@code predictions.json} records hashes of inputs,
 * models and outputs, and subjects whose outputs are current are skipped; {@code summary.csv} has a row for each subject. Label maps
 * are never opened.
 *
 * @param input a NIfTI file, for a model of one sequence or of any subset, a DICOM file of several frames, or a folder of one or many
 *     subjects in any layout
 * @param output a file of the writer's format, or a folder; any other name is a folder
 * @param probabilities whether the probabilities of the regions are written beside the label maps
 * @param sequence the sequence of a single input file or DICOM series; where given, it overrides name and header
 * @param writer of the format of the outputs
 * @param uncertainty whether the uncertainty of each voxel is written beside the label maps
 * @param series the DICOM series that are meant, where headers do not decide
 */
public record PredictionJob(
        Path input,
        Path output,
        boolean probabilities,
        Optional<Sequence> sequence,
        SegmentationWriter writer,
        boolean uncertainty,
        List<SeriesChoice.NamedSeries> series) {
    public PredictionJob {
        series = List.copyOf(series);
    }

    /** A job that writes NIfTI files and takes the sequence of a single input file from its name. */
    public PredictionJob(Path input, Path output, boolean probabilities) {
        this(input, output, probabilities, Optional.empty());
    }

    /** A job that writes NIfTI files. */
    public PredictionJob(Path input, Path output, boolean probabilities, Optional<Sequence> sequence) {
        this(input, output, probabilities, sequence, new NiftiSegmentations());
    }

    /** A job that writes no uncertainty. */
    public PredictionJob(
            Path input, Path output, boolean probabilities, Optional<Sequence> sequence, SegmentationWriter writer) {
        this(input, output, probabilities, sequence, writer, false);
    }

    /** A job that takes DICOM series by their headers. */
    public PredictionJob(
            Path input,
            Path output,
            boolean probabilities,
            Optional<Sequence> sequence,
            SegmentationWriter writer,
            boolean uncertainty) {
        this(input, output, probabilities, sequence, writer, uncertainty, List.of());
    }

    /**
     * A subject whose label map is complete.
     *
     * @param id the subject
     * @param labels the file of the label map
     * @param isKept whether it is the output of an earlier call, from the same input with the same models
     * @param number position of the subject, from 1
     * @param total number of subjects
     * @param used the sequences from which the models segmented
     * @param absent those that the models would take too, but the subject lacks
     * @param assessment how far the prediction can be trusted; of an earlier call {@code summary.csv} says it
     */
    public record Done(
            String id,
            Path labels,
            boolean isKept,
            int number,
            int total,
            List<Sequence> used,
            List<Sequence> absent,
            Assessment assessment) {
        public Done {
            used = List.copyOf(used);
            absent = List.copyOf(absent);
        }
    }

    /**
     * A subject that could not be segmented; it has no output.
     *
     * @param id the subject
     * @param reason the cause in one line, with the file if one is at fault
     * @param cause the exception
     */
    public record Failure(String id, String reason, Throwable cause) {
        @Override
        public String toString() {
            String subject = "subject " + id;
            return reason.startsWith(subject) ? reason : subject + ": " + reason;
        }
    }

    /**
     * The result of a job.
     *
     * @param done the subjects whose label maps are complete, in their order
     * @param failed the subjects that were left out
     */
    public record JobResult(List<Done> done, List<Failure> failed) {
        public JobResult {
            done = List.copyOf(done);
            failed = List.copyOf(failed);
        }
    }

    /** Receives the progress of a job. */
    @FunctionalInterface
    public interface Listener {
        /** The outputs of a subject are complete. */
        void onDone(Done done);

        /** A subject was left out. */
        default void onFailed(Failure failure) {}

        /** The prediction of a subject may be wrong; {@code text} is one line that names subject and reason. */
        default void onWarning(String text) {}
    }

    /**
     * Segments all subjects at the input.
     *
     * @param predictor the models
     * @param listener is called after each subject
     * @return the subjects that are complete, and those that were left out
     * @throws PreceptorException if the input does not fit the model, the output cannot be written, or the only subject cannot
     *     be segmented
     */
    public JobResult run(Predictor predictor, Listener listener) {
        return run(
                PredictionInput.at(
                        input, predictor.inputs(), predictor.takesAnySubset(), new SeriesChoice(sequence, series)),
                predictor,
                listener);
    }

    /**
     * Segments images from any source instead of those at the input.
     *
     * @param subjects with different ids
     * @param predictor the models
     * @param listener is called after each subject
     * @return the subjects that are complete, and those that were left out
     * @throws PreceptorException as {@link #run(Predictor, Listener)}
     */
    public JobResult run(List<ImageSet> subjects, Predictor predictor, Listener listener) {
        requireDistinct(subjects);
        boolean single = writer.namesFile(output);
        if (single && subjects.size() > 1) {
            throw new MismatchException(output + ": there are " + subjects.size() + " subjects at " + input
                    + "; name a folder for their label maps");
        }
        if (uncertainty && writer.uncertaintyFile(output, "").isEmpty()) {
            throw new MismatchException(output + ": files of this format hold no uncertainty; leave out --uncertainty");
        }
        Map<String, Failure> incomplete = incomplete(subjects, predictor, listener);
        if (incomplete.size() == subjects.size()) {
            return new JobResult(List.of(), List.copyOf(incomplete.values()));
        }
        subjects.forEach(subject -> requireNoInput(outputs(subject, predictor.labels()), subject));
        Optional<PredictionIndex> index = single ? Optional.empty() : Optional.of(new PredictionIndex(output));
        Optional<PredictionSummary> summary =
                index.map(record -> new PredictionSummary(output, record, regionNames(predictor.labels())));
        List<Done> all = new ArrayList<>();
        List<Failure> failed = new ArrayList<>();
        boolean isWritable = false;
        try (Overlapped files = new Overlapped()) {
            Supplier<Attempt> next = files.read(() -> read(subjects, 0, incomplete, predictor, index));
            for (int i = 0; i < subjects.size(); i++) {
                ImageSet subject = subjects.get(i);
                Attempt attempt = next.get();
                int following = i + 1;
                if (following < subjects.size()) {
                    next = files.read(() -> read(subjects, following, incomplete, predictor, index));
                }
                // A place that cannot be written is no fault of the subject, so it ends the work.
                if (attempt instanceof Attempt.Read images) {
                    if (!isWritable) {
                        requireWritable(single ? output.toAbsolutePath().getParent() : output);
                        isWritable = true;
                    }
                    attempt = attempt(subjects, subject, () -> predict(subject, predictor, images));
                }
                files.finish();
                if (attempt instanceof Attempt.Failed bad) {
                    failed.add(bad.failure());
                    if (!incomplete.containsKey(subject.id())) {
                        listener.onFailed(bad.failure());
                    }
                    summary.ifPresent(table -> table.failed(bad.failure()));
                    continue;
                }
                Done done = done(subjects, i, predictor, attempt);
                Runnable complete = () -> {
                    summary.ifPresent(table -> table.done(done.id(), done.isKept()));
                    all.add(done);
                    listener.onDone(done);
                };
                if (attempt instanceof Attempt.Predicted predicted) {
                    warn(subject, predicted, listener);
                    List<Path> outputs = outputs(subject, predictor.labels());
                    files.write(() -> write(predicted, regions(predictor.labels()), outputs), () -> {
                        index.ifPresent(record -> record.record(
                                subject.id(),
                                predicted.input(),
                                fingerprint(predictor),
                                predictor.takesAnySubset() ? done.used() : List.of(),
                                outputs,
                                SubjectRecord.of(predicted.prediction())));
                        complete.run();
                    });
                } else {
                    complete.run();
                }
            }
        }
        return new JobResult(all, failed);
    }

    private Done done(List<ImageSet> subjects, int number, Predictor predictor, Attempt attempt) {
        ImageSet subject = subjects.get(number);
        List<Path> outputs = outputs(subject, predictor.labels());
        List<Sequence> used = predictor.inputsOf(subject);
        return new Done(
                subject.id(),
                outputs.get(outputs.size() - 1),
                attempt instanceof Attempt.Kept,
                number + 1,
                subjects.size(),
                used,
                predictor.inputs().stream()
                        .filter(sequence -> !used.contains(sequence))
                        .toList(),
                attempt instanceof Attempt.Predicted predicted
                        ? predicted.prediction().assessment()
                        : Assessment.NONE);
    }

    private void write(Attempt.Predicted predicted, List<Region> regions, List<Path> outputs) {
        // Both files of a region come from its probabilities on the grid of the input.
        Prediction prediction =
                uncertainty && probabilities ? predicted.prediction.withProbabilities() : predicted.prediction;
        if (uncertainty) {
            writer.writeUncertainty(prediction, predicted.provenance, outputs.get(0));
        }
        writer.write(
                prediction, predicted.provenance, regions, uncertainty ? outputs.subList(1, outputs.size()) : outputs);
    }

    /** How far one subject has come. */
    private sealed interface Attempt {
        /** The outputs of an earlier call are current. */
        record Kept() implements Attempt {}

        /** The images, to be segmented. */
        record Read(Map<Sequence, Volume> volumes, String input) implements Attempt {}

        /** The prediction, to be written. */
        record Predicted(Prediction prediction, Provenance provenance, String input, List<String> warnings)
                implements Attempt {}

        /** The subject could not be segmented. */
        record Failed(Failure failure) implements Attempt {}
    }

    /** The subjects that lack a sequence, found before any file is opened; throws if there is only one subject. */
    private static Map<String, Failure> incomplete(List<ImageSet> subjects, Predictor predictor, Listener listener) {
        Map<String, Failure> incomplete = new LinkedHashMap<>();
        for (ImageSet subject : subjects) {
            try {
                predictor.inputsOf(subject);
            } catch (PreceptorException e) {
                if (subjects.size() == 1) {
                    throw e;
                }
                Failure failure = new Failure(subject.id(), ErrorLine.of(e), e);
                incomplete.put(subject.id(), failure);
                listener.onFailed(failure);
            }
        }
        return incomplete;
    }

    /** The result of a step, or the failure of the subject; throws if there is only one subject. */
    private static Attempt attempt(List<ImageSet> subjects, ImageSet subject, Supplier<Attempt> step) {
        try {
            return step.get();
        } catch (RuntimeException | OutOfMemoryError e) {
            Failure failure = new Failure(subject.id(), ErrorLine.of(e), e);
            boolean isOnly = subjects.size() == 1;
            if (isOnly && e instanceof RefusedInputException refused) {
                throw new RefusedInputException("subject " + subject.id() + ": ", refused.findings());
            }
            if (isOnly && e instanceof MismatchException) {
                throw new MismatchException(failure.toString());
            }
            if (isOnly) {
                throw e;
            }
            return new Attempt.Failed(failure);
        }
    }

    private Attempt read(
            List<ImageSet> subjects,
            int number,
            Map<String, Failure> incomplete,
            Predictor predictor,
            Optional<PredictionIndex> index) {
        ImageSet subject = subjects.get(number);
        Failure lacking = incomplete.get(subject.id());
        return lacking == null
                ? attempt(subjects, subject, () -> read(subject, predictor, index))
                : new Attempt.Failed(lacking);
    }

    private Attempt read(ImageSet subject, Predictor predictor, Optional<PredictionIndex> index) {
        List<Sequence> used = predictor.inputsOf(subject);
        String hash = index.isPresent() ? PredictionIndex.inputHash(subject, used) : "";
        List<Path> outputs = outputs(subject, predictor.labels());
        if (index.isPresent()
                && index.get().isCurrent(subject.id(), hash, fingerprint(predictor), outputs)
                && !index.get().isNoLongerAccepted(subject.id(), predictor.accepted())) {
            return new Attempt.Kept();
        }
        writer.requireWritable(subject.image(used.get(0)).provenance());
        return new Attempt.Read(subject.plausibleVolumes(used), hash);
    }

    /** Of the models, their options and the format of the outputs. */
    private String fingerprint(Predictor predictor) {
        return writer.format().isEmpty()
                ? predictor.fingerprint()
                : Sha256.of(predictor.fingerprint() + ' ' + writer.format());
    }

    private static Attempt predict(ImageSet subject, Predictor predictor, Attempt.Read images) {
        Prediction prediction = predictor.predict(images.volumes());
        // The headers of a subject may differ by less than a voxel; outputs follow the first sequence that was used.
        Provenance provenance = subject.image(prediction.used().get(0)).provenance();
        return new Attempt.Predicted(prediction, provenance, images.input(), predictor.warnings(images.volumes()));
    }

    private static void warn(ImageSet subject, Attempt.Predicted predicted, Listener listener) {
        predicted
                .prediction()
                .used()
                .forEach(sequence -> subject.image(sequence)
                        .note()
                        .ifPresent(
                                note -> listener.onWarning("subject " + subject.id() + ": " + sequence + ": " + note)));
        predicted.warnings().forEach(text -> listener.onWarning("subject " + subject.id() + ": " + text));
        Assessment assessment = predicted.prediction().assessment();
        assessment
                .fired()
                .forEach(finding -> listener.onWarning("subject " + subject.id() + ": " + finding
                        + (assessment.accepted().contains(finding.guard()) ? ": accepted" : "")));
    }

    private List<Path> outputs(ImageSet subject, LabelSpace labels) {
        List<Path> files = writer.files(output, subject.id(), regions(labels));
        return uncertainty
                ? Stream.concat(writer.uncertaintyFile(output, subject.id()).stream(), files.stream())
                        .toList()
                : files;
    }

    private static List<String> regionNames(LabelSpace labels) {
        return labels.regions().stream().map(Region::name).toList();
    }

    /** The regions whose probabilities are written. */
    private List<Region> regions(LabelSpace labels) {
        return probabilities ? labels.regions() : List.of();
    }

    private static void requireNoInput(List<Path> outputs, ImageSet subject) {
        List<Path> own = Stream.concat(
                        subject.images().values().stream().flatMap(image -> image.files().stream()),
                        subject.otherFiles().stream())
                .toList();
        for (Path output : outputs) {
            if (own.stream().anyMatch(file -> isSame(file, output))) {
                throw new MismatchException(output + ": is a file of subject " + subject.id()
                        + " and would be overwritten; name another file or folder with --out");
            }
        }
    }

    private static boolean isSame(Path file, Path other) {
        try {
            return Files.exists(other) && Files.isSameFile(file, other);
        } catch (IOException e) {
            return file.toAbsolutePath()
                    .normalize()
                    .equals(other.toAbsolutePath().normalize());
        }
    }

    private static void requireDistinct(List<ImageSet> subjects) {
        Set<String> ids = new HashSet<>();
        for (ImageSet subject : subjects) {
            if (!ids.add(subject.id())) {
                throw new MismatchException(
                        "subject " + subject.id() + " occurs twice; its outputs would overwrite each other");
            }
        }
    }

    /** Creates the folder and a file in it, for permissions alone do not decide on every file system. */
    private static void requireWritable(Path folder) {
        AtomicFiles.createFolder(folder);
        AtomicFiles.sweep(folder);
        try {
            Files.delete(Files.createTempFile(folder, ".preceptor-", ".part"));
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot write into this folder: " + AtomicFiles.reason(e), e);
        }
    }
}
