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
 * Segments the subjects at a path and writes label maps (uint8, placed by the header of the input): a file for a file or a
 * subject, {@code <id>.nii.gz} for each subject into a folder. What can be checked before the first subject is: the names, the
 * headers of all images, the place of the outputs. Each output is written whole or not at all.
 *
 * <p>Among several subjects one that cannot be read or segmented is left out and reported; the others are done. In a folder
 * {@code predictions.json} records what was made from what, and whatever is still right is kept.
 *
 * @param input a NIfTI file, for a model of one sequence, or a folder of one or many subjects in any layout
 * @param output a NIfTI file, or a folder; a name without a NIfTI ending is a folder
 * @param probabilities whether {@code <id>_prob_WT.nii.gz} and so on are written beside the label maps, as float32
 * @param sequence which sequence an input file is, whatever its name says
 */
public record PredictionJob(Path input, Path output, boolean probabilities, Optional<Sequence> sequence) {
    /** The name of an input file says which sequence it is. */
    public PredictionJob(Path input, Path output, boolean probabilities) {
        this(input, output, probabilities, Optional.empty());
    }

    /**
     * One subject whose label map is there.
     *
     * @param id the subject
     * @param labels where the label map lies
     * @param isKept whether an earlier call made it, from the same input with the same models
     * @param number which one this is, from 1
     * @param total how many there are
     */
    public record Done(String id, Path labels, boolean isKept, int number, int total) {}

    /**
     * One subject that could not be segmented; nothing was written for it.
     *
     * @param id the subject
     * @param reason in one line, with the file where one is at fault
     * @param cause what was thrown
     */
    public record Failure(String id, String reason, Throwable cause) {
        @Override
        public String toString() {
            String subject = "subject " + id;
            return reason.startsWith(subject) ? reason : subject + ": " + reason;
        }
    }

    /**
     * What became of the subjects.
     *
     * @param done those whose label maps are there, in their order
     * @param failed those that were left out
     */
    public record Outcome(List<Done> done, List<Failure> failed) {
        public Outcome {
            done = List.copyOf(done);
            failed = List.copyOf(failed);
        }
    }

    /** Hears of each subject. */
    @FunctionalInterface
    public interface Listener {
        /** The files of a subject are there. */
        void onDone(Done done);

        /** A subject was left out. */
        default void onFailed(Failure failure) {}

        /** Something makes the prediction of a subject doubtful; {@code text} is one line that names it. */
        default void onWarning(String text) {}
    }

    /**
     * Segments all subjects.
     *
     * @throws PreceptorException if the input does not fit the model, the output cannot be written, or the only subject cannot
     *     be segmented
     */
    public Outcome run(Predictor predictor, Listener listener) {
        List<Subject> subjects = PredictionInput.at(input, predictor.inputs(), sequence);
        requireDistinct(subjects);
        boolean single = isNifti(output);
        if (single && subjects.size() > 1) {
            throw new MismatchException(output + ": there are " + subjects.size() + " subjects at " + input
                    + "; name a folder for their label maps");
        }
        Map<String, Failure> unfit = unfit(subjects, predictor.inputs(), listener);
        if (unfit.size() == subjects.size()) {
            return new Outcome(List.of(), List.copyOf(unfit.values()));
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
            Attempt attempt = unfit.containsKey(subject.id())
                    ? new Attempt.Failed(unfit.get(subject.id()))
                    : attempt(predictor, subject, outputs(subject, labels), index, subjects.size() == 1, listener);
            if (attempt instanceof Attempt.Failed bad) {
                failed.add(bad.failure());
                if (!unfit.containsKey(subject.id())) {
                    listener.onFailed(bad.failure());
                }
                continue;
            }
            // A place that cannot be written is no fault of the subject, so it ends the work.
            if (attempt instanceof Attempt.Predicted predicted) {
                write(predicted, outputs(subject, labels));
                index.ifPresent(record -> record.record(
                        subject.id(), predicted.input(), predictor.fingerprint(), outputs(subject, labels)));
            }
            Done done = new Done(subject.id(), labels, attempt instanceof Attempt.Kept, i + 1, subjects.size());
            all.add(done);
            listener.onDone(done);
        }
        return new Outcome(all, failed);
    }

    /** What came of one subject. */
    private sealed interface Attempt {
        /** An earlier call made it. */
        record Kept() implements Attempt {}

        /** It is to be written. */
        record Predicted(Prediction prediction, NiftiHeader header, String input) implements Attempt {}

        /** It could not be segmented. */
        record Failed(Failure failure) implements Attempt {}
    }

    /** Those that their headers show to be unusable, before any voxel is read; the only subject's fault is thrown. */
    private static Map<String, Failure> unfit(List<Subject> subjects, List<Sequence> inputs, Listener listener) {
        Map<String, Failure> unfit = new LinkedHashMap<>();
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
                unfit.put(subject.id(), failure);
                listener.onFailed(failure);
            }
        }
        return unfit;
    }

    private static Attempt attempt(
            Predictor predictor,
            Subject subject,
            List<Path> outputs,
            Optional<PredictionIndex> index,
            boolean alone,
            Listener listener) {
        try {
            String hash = index.isPresent() ? PredictionIndex.inputHash(subject, predictor.inputs()) : "";
            if (index.isPresent() && index.get().holds(subject.id(), hash, predictor.fingerprint(), outputs)) {
                return new Attempt.Kept();
            }
            Map<Sequence, Volume> volumes = subject.volumes(predictor.inputs());
            Prediction prediction = predictor.predict(volumes);
            predictor.warnings(volumes).forEach(text -> listener.onWarning("subject " + subject.id() + ": " + text));
            // The images of a subject may differ in their headers by less than a voxel; outputs follow the model's
            // first
            // one.
            NiftiHeader header = subject.image(predictor.inputs().get(0)).header();
            return new Attempt.Predicted(prediction, header, hash);
        } catch (RuntimeException | OutOfMemoryError e) {
            Failure failure = new Failure(subject.id(), ErrorLine.of(e), e);
            if (alone && e instanceof MismatchException) {
                throw new MismatchException(failure.toString());
            }
            if (alone) {
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
            Region region = Region.BRATS.get(i);
            Volume probability = new Volume(grid, prediction.probability(region).voxels());
            Nifti.write(outputs.get(i), probability, header);
        }
        // Last, so that a label map says that its subject is complete.
        LabelMap map = prediction.labels();
        Nifti.write(outputs.get(outputs.size() - 1), new LabelMap(grid, map.voxels(), map.schema()), header);
    }

    /** The probabilities, if they are wanted, in the order of the regions, then the label map. */
    private List<Path> outputs(Subject subject, Path labels) {
        List<Path> outputs = new ArrayList<>();
        if (probabilities) {
            for (Region region : Region.BRATS) {
                outputs.add(labels.resolveSibling(subject.id() + "_prob_" + region + ".nii.gz"));
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
                            + " and would be overwritten; name another place with --out");
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
        Set<String> seen = new HashSet<>();
        for (Subject subject : subjects) {
            if (!seen.add(subject.id())) {
                throw new MismatchException(
                        "subject " + subject.id() + " is there twice; its outputs would overwrite each other");
            }
        }
    }

    private static boolean isNifti(Path file) {
        return file.getFileName() != null
                && file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.(nii|hdr|img)(\\.gz)?");
    }

    /** Makes the folder and tries it with a file of its own: permissions alone do not tell on every file system. */
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
