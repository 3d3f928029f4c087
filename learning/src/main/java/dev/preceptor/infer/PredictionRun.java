package dev.preceptor.infer;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.ExclusiveLock;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One run of a {@link PredictionJob}: while one subject is predicted, the next one is read and the last one written. Used once.
 */
final class PredictionRun {
    private static final String LOCK = ".lock";

    private final PredictionJob job;
    private final Predictor predictor;
    private final PredictionJob.Listener listener;
    private final Optional<PredictionIndex> index;
    private final Optional<PredictionSummary> summary;
    private final boolean isStrict;
    private Optional<ExclusiveLock> lock = Optional.empty();

    /**
     * @param index of the outputs that are current; empty if there is one output file
     * @param summary the table of the folder, if the run writes it; such a run has the folder for itself
     * @param isStrict whether the failure of a subject is thrown instead of reported
     */
    PredictionRun(
            PredictionJob job,
            Predictor predictor,
            PredictionJob.Listener listener,
            Optional<PredictionIndex> index,
            Optional<PredictionSummary> summary,
            boolean isStrict) {
        this.job = job;
        this.predictor = predictor;
        this.listener = listener;
        this.index = index;
        this.summary = summary;
        this.isStrict = isStrict;
    }

    /** Segments the subjects, which have different ids; see {@link PredictionJob#run(List, Predictor, PredictionJob.Listener)}. */
    PredictionJob.JobResult of(List<ImageSet> subjects) {
        PredictionPlaces.requireDistinct(subjects);
        if (job.uncertainty()) {
            job.writer().requireUncertainty(job.output().toString());
        }
        Map<String, PredictionJob.Failure> incomplete = incomplete(subjects);
        subjects.forEach(subject -> PredictionPlaces.requireNoInput(job.outputs(subject, predictor.labels()), subject));
        try {
            if (Files.isDirectory(job.output())) {
                lock();
            }
            return predict(subjects, incomplete);
        } finally {
            lock.ifPresent(ExclusiveLock::remove);
        }
    }

    /** Two runs would record the outputs of one another as their own. */
    private void lock() {
        if (summary.isPresent() && lock.isEmpty()) {
            lock = ExclusiveLock.take(job.output().resolve(LOCK));
            if (lock.isEmpty()) {
                throw new PreceptorException(job.output()
                        + ": another prediction is writing into this folder; wait for its end, or name another folder with"
                        + " --out");
            }
        }
    }

    private PredictionJob.JobResult predict(List<ImageSet> subjects, Map<String, PredictionJob.Failure> incomplete) {
        List<PredictionJob.Done> all = new ArrayList<>();
        List<PredictionJob.Failure> failed = new ArrayList<>();
        boolean isWritable = false;
        try (Overlapped files = new Overlapped()) {
            Supplier<Attempt> next = files.read(() -> read(subjects.get(0), incomplete));
            for (int i = 0; i < subjects.size(); i++) {
                ImageSet subject = subjects.get(i);
                Attempt attempt = next.get();
                int following = i + 1;
                if (following < subjects.size()) {
                    next = files.read(() -> read(subjects.get(following), incomplete));
                }
                // A place that cannot be written is no fault of the subject, so it ends the work.
                if (attempt instanceof Attempt.Read images) {
                    if (!isWritable) {
                        requireWritable(
                                index.isEmpty() ? job.output().toAbsolutePath().getParent() : job.output());
                        isWritable = true;
                    }
                    attempt = attempt(subject, () -> predict(subject, images));
                }
                files.finish();
                if (attempt instanceof Attempt.Failed bad) {
                    failed.add(bad.failure());
                    summary.ifPresent(table -> table.failed(bad.failure()));
                    if (isStrict) {
                        throw thrown(bad.failure());
                    }
                    if (!incomplete.containsKey(subject.id())) {
                        listener.onFailed(bad.failure());
                    }
                    continue;
                }
                PredictionJob.Done done = done(subjects, i, attempt);
                Runnable complete = () -> {
                    summary.ifPresent(table -> table.done(done.id(), done.isKept()));
                    all.add(done);
                    listener.onDone(done);
                };
                if (attempt instanceof Attempt.Predicted predicted) {
                    warn(subject, predicted);
                    List<Path> outputs = job.outputs(subject, predictor.labels());
                    files.write(() -> write(predicted, outputs), () -> {
                        index.ifPresent(record -> record.record(
                                subject.id(),
                                predicted.input(),
                                job.fingerprint(predictor),
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
        return new PredictionJob.JobResult(all, failed);
    }

    private void requireWritable(Path folder) {
        if (!Files.isDirectory(folder)) {
            // A model that cannot be loaded leaves no folder behind.
            predictor.await();
        }
        PredictionPlaces.requireWritable(folder);
        lock();
    }

    private PredictionJob.Done done(List<ImageSet> subjects, int number, Attempt attempt) {
        ImageSet subject = subjects.get(number);
        List<Path> outputs = job.outputs(subject, predictor.labels());
        List<Sequence> used = predictor.inputsOf(subject);
        return new PredictionJob.Done(
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

    private void write(Attempt.Predicted predicted, List<Path> outputs) {
        // Both files of a region come from its probabilities on the grid of the input.
        Prediction prediction = job.uncertainty() && job.probabilities()
                ? predicted.prediction.withProbabilities()
                : predicted.prediction;
        if (job.uncertainty()) {
            job.writer().writeUncertainty(prediction, predicted.provenance, outputs.get(0));
        }
        job.writer()
                .write(
                        prediction,
                        predicted.provenance,
                        job.regions(predictor.labels()),
                        job.uncertainty() ? outputs.subList(1, outputs.size()) : outputs);
    }

    /** How far one subject has come. */
    private sealed interface Attempt {
        /** The outputs of an earlier call are current. */
        record Kept() implements Attempt {}

        /** The images, to be segmented. */
        record Read(Map<Sequence, Volume> volumes, String input, List<String> warnings) implements Attempt {}

        /** The prediction, to be written. */
        record Predicted(Prediction prediction, Provenance provenance, String input, List<String> warnings)
                implements Attempt {}

        /** The subject could not be segmented. */
        record Failed(PredictionJob.Failure failure) implements Attempt {}
    }

    /** The subjects that lack a sequence, found before any file is opened. */
    private Map<String, PredictionJob.Failure> incomplete(List<ImageSet> subjects) {
        Map<String, PredictionJob.Failure> incomplete = new LinkedHashMap<>();
        for (ImageSet subject : subjects) {
            try {
                predictor.inputsOf(subject);
            } catch (PreceptorException e) {
                PredictionJob.Failure failure = new PredictionJob.Failure(subject.id(), ErrorLine.of(e), e);
                incomplete.put(subject.id(), failure);
                if (!isStrict) {
                    listener.onFailed(failure);
                }
            }
        }
        return incomplete;
    }

    /** The result of a step, or the failure of the subject. */
    private Attempt attempt(ImageSet subject, Supplier<Attempt> step) {
        try {
            return step.get();
        } catch (RuntimeException | OutOfMemoryError e) {
            // A model that cannot be loaded is no fault of the subject.
            predictor.await();
            return new Attempt.Failed(new PredictionJob.Failure(subject.id(), ErrorLine.of(e), e));
        }
    }

    /** The exception by which a strict run reports a failure. */
    private static RuntimeException thrown(PredictionJob.Failure failure) {
        if (failure.cause() instanceof RefusedInputException refused) {
            return new RefusedInputException("subject " + failure.id() + ": ", refused.findings());
        }
        if (failure.cause() instanceof MismatchException) {
            return new MismatchException(failure.toString());
        }
        if (failure.cause() instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure.cause();
    }

    private Attempt read(ImageSet subject, Map<String, PredictionJob.Failure> incomplete) {
        PredictionJob.Failure lacking = incomplete.get(subject.id());
        if (lacking == null) {
            return attempt(subject, () -> read(subject));
        }
        index.ifPresent(record -> record.discard(subject.id()));
        return new Attempt.Failed(lacking);
    }

    private Attempt read(ImageSet subject) {
        index.ifPresent(record -> record.begin(subject.id()));
        List<Sequence> used = predictor.inputsOf(subject);
        String hash = index.isPresent() ? PredictionIndex.inputHash(subject, used) : "";
        List<Path> outputs = job.outputs(subject, predictor.labels());
        if (index.isPresent()
                && index.get().isCurrent(subject.id(), hash, job.fingerprint(predictor), outputs)
                && !index.get().isNoLongerAccepted(subject.id(), predictor.accepted())) {
            return new Attempt.Kept();
        }
        index.ifPresent(record -> record.discard(subject.id()));
        // Reading remembers the header, which would otherwise be read twice.
        Map<Sequence, Volume> volumes = subject.plausibleVolumes(used);
        job.writer().requireWritable(subject.image(used.get(0)).provenance());
        return new Attempt.Read(volumes, hash, predictor.warnings(volumes));
    }

    private Attempt predict(ImageSet subject, Attempt.Read images) {
        Prediction prediction = predictor.predict(images.volumes());
        // The headers of a subject may differ by less than a voxel; outputs follow the first sequence that was used.
        Provenance provenance = subject.image(prediction.used().get(0)).provenance();
        return new Attempt.Predicted(prediction, provenance, images.input(), images.warnings());
    }

    private void warn(ImageSet subject, Attempt.Predicted predicted) {
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
}
