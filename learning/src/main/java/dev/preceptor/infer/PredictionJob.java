package dev.preceptor.infer;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.ImageFile;
import dev.preceptor.cohort.SpacingCheck;
import dev.preceptor.cohort.Subject;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Segments the subjects at a path and writes label maps (uint8, with the geometry fields of the input's header): one file for
 * a single subject, or {@code <id>.nii.gz} for each subject in a folder. Names, the headers of all images and the output
 * folder are checked before the first prediction. Each output is written whole or not at all.
 *
 * <p>Among several subjects, one that cannot be read or segmented is reported and left out. In a folder,
 * {@code predictions.json} records hashes of inputs, models and outputs, and subjects whose outputs are current are skipped.
 *
 * @param input a NIfTI file, for a model of one sequence, or a folder of one or many subjects in any layout
 * @param output a NIfTI file or a folder; a name without a NIfTI ending is a folder
 * @param probabilities whether {@code <id>_prob_WT.nii.gz} and so on are written beside the label maps, as float32
 * @param sequence the sequence of a single input file; where given, it overrides the name of the file
 */
public record PredictionJob(Path input, Path output, boolean probabilities, Optional<Sequence> sequence) {
    /** A job that takes the sequence of a single input file from its name. */
    public PredictionJob(Path input, Path output, boolean probabilities) {
        this(input, output, probabilities, Optional.empty());
    }

    /**
     * A subject whose label map is complete.
     *
     * @param id the subject
     * @param labels the file of the label map
     * @param isKept whether it is the output of an earlier call, from the same input with the same models
     * @param number position of the subject, from 1
     * @param total number of subjects
     */
    public record Done(String id, Path labels, boolean isKept, int number, int total) {}

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
     * Segments all subjects.
     *
     * @param predictor the models
     * @param listener is called after each subject
     * @return the subjects that are complete, and those that were left out
     * @throws PreceptorException if the input does not fit the model, the output cannot be written, or the only subject cannot
     *     be segmented
     */
    public JobResult run(Predictor predictor, Listener listener) {
        List<Subject> subjects = PredictionInput.at(input, predictor.inputs(), sequence);
        requireDistinct(subjects);
        boolean single = isNifti(output);
        if (single && subjects.size() > 1) {
            throw new MismatchException(output + ": there are " + subjects.size() + " subjects at " + input
                    + "; name a folder for their label maps");
        }
        Map<String, Failure> unusable = unusable(subjects, predictor.inputs(), listener);
        if (unusable.size() == subjects.size()) {
            return new JobResult(List.of(), List.copyOf(unusable.values()));
        }
        requireWritable(single ? output.toAbsolutePath().getParent() : output);
        for (Subject subject : subjects) {
            requireNoInput(labelsOf(subject, single), subject);
        }
        Optional<PredictionIndex> index = single ? Optional.empty() : Optional.of(new PredictionIndex(output));
        List<Done> all = new ArrayList<>();
        List<Failure> failed = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            Subject subject = subjects.get(i);
            Path labels = labelsOf(subject, single);
            Attempt attempt = unusable.containsKey(subject.id())
                    ? new Attempt.Failed(unusable.get(subject.id()))
                    : attempt(
                            predictor,
                            subject,
                            outputs(subject, labels, predictor.labels()),
                            index,
                            subjects.size() == 1,
                            listener);
            if (attempt instanceof Attempt.Failed bad) {
                failed.add(bad.failure());
                if (!unusable.containsKey(subject.id())) {
                    listener.onFailed(bad.failure());
                }
                continue;
            }
            // A place that cannot be written is no fault of the subject, so it ends the work.
            if (attempt instanceof Attempt.Predicted predicted) {
                write(predicted, outputs(subject, labels, predictor.labels()));
                index.ifPresent(record -> record.record(
                        subject.id(),
                        predicted.input(),
                        predictor.fingerprint(),
                        outputs(subject, labels, predictor.labels())));
            }
            Done done = new Done(subject.id(), labels, attempt instanceof Attempt.Kept, i + 1, subjects.size());
            all.add(done);
            listener.onDone(done);
        }
        return new JobResult(all, failed);
    }

    /** The result for one subject. */
    private sealed interface Attempt {
        /** The outputs of an earlier call are current. */
        record Kept() implements Attempt {}

        /** The prediction, to be written. */
        record Predicted(Prediction prediction, NiftiHeader header, String input) implements Attempt {}

        /** The subject could not be segmented. */
        record Failed(Failure failure) implements Attempt {}
    }

    /** The subjects with unusable headers, found before any voxel is read; throws if there is only one subject. */
    private static Map<String, Failure> unusable(List<Subject> subjects, List<Sequence> inputs, Listener listener) {
        Map<String, Failure> unusable = new LinkedHashMap<>();
        for (Subject subject : subjects) {
            try {
                for (Sequence sequence : inputs) {
                    ImageFile image = subject.image(sequence);
                    SpacingCheck.require(image.path(), image.header());
                }
            } catch (PreceptorException e) {
                if (subjects.size() == 1) {
                    throw e;
                }
                Failure failure = new Failure(subject.id(), ErrorLine.of(e), e);
                unusable.put(subject.id(), failure);
                listener.onFailed(failure);
            }
        }
        return unusable;
    }

    private static Attempt attempt(
            Predictor predictor,
            Subject subject,
            List<Path> outputs,
            Optional<PredictionIndex> index,
            boolean onlySubject,
            Listener listener) {
        try {
            String hash = index.isPresent() ? PredictionIndex.inputHash(subject, predictor.inputs()) : "";
            if (index.isPresent() && index.get().isCurrent(subject.id(), hash, predictor.fingerprint(), outputs)) {
                return new Attempt.Kept();
            }
            Map<Sequence, Volume> volumes = subject.volumes(predictor.inputs());
            Prediction prediction = predictor.predict(volumes);
            predictor.warnings(volumes).forEach(text -> listener.onWarning("subject " + subject.id() + ": " + text));
            // The headers of a subject may differ by less than a voxel; outputs follow the model's first sequence.
            NiftiHeader header = subject.image(predictor.inputs().get(0)).header();
            return new Attempt.Predicted(prediction, header, hash);
        } catch (RuntimeException | OutOfMemoryError e) {
            Failure failure = new Failure(subject.id(), ErrorLine.of(e), e);
            if (onlySubject && e instanceof MismatchException) {
                throw new MismatchException(failure.toString());
            }
            if (onlySubject) {
                throw e;
            }
            return new Attempt.Failed(failure);
        }
    }

    private void write(Attempt.Predicted predicted, List<Path> outputs) {
        Prediction prediction = predicted.prediction();
        NiftiHeader header = predicted.header();
        Grid grid = header.grid();
        for (int i = 0; i < outputs.size() - 1; i++) {
            Region region = prediction.labels().schema().regions().get(i);
            Volume probability = new Volume(grid, prediction.probability(region).voxels());
            Nifti.write(outputs.get(i), probability, header);
        }
        // Last, so that the presence of a label map means that the subject is complete.
        LabelMap map = prediction.labels();
        Nifti.write(outputs.get(outputs.size() - 1), new LabelMap(grid, map.voxels(), map.schema()), header);
    }

    /** The files of the probabilities in the order of the regions, if requested, then that of the label map. */
    private List<Path> outputs(Subject subject, Path labels, LabelSpace space) {
        List<Path> outputs = new ArrayList<>();
        if (probabilities) {
            for (Region region : space.regions()) {
                outputs.add(labels.resolveSibling(subject.id() + "_prob_" + region.fileName() + ".nii.gz"));
            }
        }
        outputs.add(labels);
        return outputs;
    }

    private Path labelsOf(Subject subject, boolean single) {
        return single ? output : output.resolve(subject.id() + ".nii.gz");
    }

    private static void requireNoInput(Path labels, Subject subject) {
        Stream.concat(subject.images().values().stream().map(ImageFile::path), subject.labelFile().stream())
                .filter(file -> isSame(file, labels))
                .findFirst()
                .ifPresent(file -> {
                    throw new MismatchException(labels + ": is a file of subject " + subject.id()
                            + " and would be overwritten; name another file or folder with --out");
                });
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

    private static void requireDistinct(List<Subject> subjects) {
        Set<String> ids = new HashSet<>();
        for (Subject subject : subjects) {
            if (!ids.add(subject.id())) {
                throw new MismatchException(
                        "subject " + subject.id() + " occurs twice; its outputs would overwrite each other");
            }
        }
    }

    private static boolean isNifti(Path file) {
        return file.getFileName() != null
                && file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.(nii|hdr|img)(\\.gz)?");
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
