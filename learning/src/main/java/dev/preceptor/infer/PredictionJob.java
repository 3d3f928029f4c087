package dev.preceptor.infer;

import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.SeriesChoice;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
     * A subject that could not be segmented. It has no output, and outputs of an earlier call that are not current are removed.
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
        return run(subjects(predictor), predictor, listener);
    }

    /**
     * The subjects at the input, in the order in which they are segmented.
     *
     * @throws PreceptorException if the input does not fit the model, or two subjects have one id
     */
    public List<ImageSet> subjects(Predictor predictor) {
        List<ImageSet> subjects = PredictionInput.at(
                input, predictor.inputs(), predictor.takesAnySubset(), new SeriesChoice(sequence, series));
        PredictionPlaces.requireDistinct(subjects);
        return subjects;
    }

    /**
     * Segments images as one of several jobs that write into the same folder: entries are kept by the caller, no
     * {@code predictions.json} or {@code summary.csv} is written, and a subject that fails is reported even if it is the only one.
     *
     * @param subjects with different ids
     * @param records what is known of earlier predictions
     * @return the subjects that are complete, and those that were left out
     * @throws PreceptorException if the output cannot be written
     */
    public JobResult run(List<ImageSet> subjects, Predictor predictor, Listener listener, PredictionRecords records) {
        if (writer.namesFile(output)) {
            throw new MismatchException(output + ": names one file; name a folder for the label maps");
        }
        return new PredictionRun(
                        this,
                        predictor,
                        listener,
                        Optional.of(new PredictionIndex(output, records)),
                        Optional.empty(),
                        false)
                .of(subjects);
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
        boolean single = writer.namesFile(output);
        if (single && subjects.size() > 1) {
            throw new MismatchException(output + ": there are " + subjects.size() + " subjects at " + input
                    + "; name a folder for their label maps");
        }
        Optional<PredictionIndex> index = single ? Optional.empty() : Optional.of(new PredictionIndex(output));
        Optional<PredictionSummary> summary = index.map(record -> new PredictionSummary(
                output, record::entries, predictor.labels().regions()));
        return new PredictionRun(this, predictor, listener, index, summary, subjects.size() == 1).of(subjects);
    }

    /** The files of one subject in the order in which they are written. */
    List<Path> outputs(ImageSet subject, LabelSpace labels) {
        List<Path> files = writer.files(output, subject.id(), regions(labels));
        return uncertainty
                ? Stream.concat(writer.uncertaintyFile(output, subject.id()).stream(), files.stream())
                        .toList()
                : files;
    }

    /** The regions whose probabilities are written. */
    List<Region> regions(LabelSpace labels) {
        return probabilities ? labels.regions() : List.of();
    }

    /** Of the models, their options and the format of the outputs. */
    String fingerprint(Predictor predictor) {
        return writer.format().isEmpty()
                ? predictor.fingerprint()
                : Sha256.of(predictor.fingerprint() + ' ' + writer.format());
    }
}
