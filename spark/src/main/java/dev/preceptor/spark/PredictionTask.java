package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.TemporaryFolder;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionRecords;
import dev.preceptor.infer.Predictor;
import dev.preceptor.infer.SegmentationWriter;
import dev.preceptor.infer.SubjectOutcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Segments the subjects of one task on an executor. A subject that was in work when an earlier attempt of the task lost its executor
 * is left to a second try of its own; one that was in work at its second try too is named.
 */
final class PredictionTask implements Function<String, String> {
    private static final long serialVersionUID = 1L;

    private final String request;

    PredictionTask(PredictionRequest request) {
        this.request = TaskJson.text(request);
    }

    /**
     * What comes back.
     *
     * @param outcomes of the subjects that ended
     * @param suspects subjects that may have ended the process of an executor
     * @param warnings one line each
     */
    record Result(List<SubjectOutcome> outcomes, List<String> suspects, List<String> warnings) {}

    @Override
    public String call(String text) {
        PredictionBatch batch = TaskJson.of(text, PredictionBatch.class);
        PredictionRequest shared = TaskJson.of(request, PredictionRequest.class);
        return TaskJson.text(new Attempt(batch, shared, TaskContext.get().attemptNumber() > 0).run());
    }

    /** One attempt at a batch. */
    private static final class Attempt implements PredictionRecords, PredictionJob.Listener {
        private final PredictionBatch batch;
        private final PredictionRequest shared;
        private final Store inputs;
        private final Store outputs;
        private final Map<String, JsonNode> entries;
        private final Map<String, SubjectProgress> earlier = new ConcurrentHashMap<>();
        private final List<SubjectOutcome> outcomes = new ArrayList<>();
        private final List<String> suspects = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();
        /** Names files where they are instead of the copies of the subject in work. */
        private UnaryOperator<String> naming = UnaryOperator.identity();

        Attempt(PredictionBatch batch, PredictionRequest shared, boolean isRetry) {
            this.batch = batch;
            this.shared = shared;
            this.inputs = Store.at(Place.of(shared.input()));
            this.outputs = Store.at(Place.of(shared.output()));
            this.entries = new ConcurrentHashMap<>(batch.entries());
            if (isRetry || batch.isSecondTry()) {
                batch.subjects().forEach(this::recall);
            }
        }

        private void recall(SubjectManifest subject) {
            SubjectProgress.read(outputs, subject.id())
                    .filter(known -> known.application().equals(batch.application()))
                    .ifPresent(known -> {
                        earlier.put(subject.id(), known);
                        known.entry().ifPresent(entry -> entries.put(subject.id(), entry));
                    });
        }

        Result run() {
            List<SubjectManifest> toDo =
                    batch.subjects().stream().filter(this::isToBeTried).toList();
            if (!toDo.isEmpty()) {
                if (inputs instanceof MountedStore && outputs instanceof MountedStore) {
                    segment(toDo, Path.of(shared.input()), Path.of(shared.output()), this);
                } else {
                    toDo.forEach(this::segmentRemote);
                }
            }
            return new Result(outcomes, suspects, warnings);
        }

        /** False for a subject that was in work when an executor was lost: it is suspected once, and named twice. */
        private boolean isToBeTried(SubjectManifest subject) {
            SubjectProgress known = earlier.get(subject.id());
            boolean wasLost = known != null && known.entry().isEmpty();
            if (wasLost && known.tries() > 1) {
                outcomes.add(known.lost());
                return false;
            }
            if (wasLost && !batch.isSecondTry()) {
                suspects.add(subject.id());
                return false;
            }
            return true;
        }

        private void segment(List<SubjectManifest> subjects, Path input, Path output, PredictionRecords records) {
            List<ImageSet> images = new ArrayList<>();
            for (SubjectManifest subject : subjects) {
                try {
                    images.add(subject.imageSet(input));
                } catch (PreceptorException e) {
                    onFailed(new PredictionJob.Failure(subject.id(), e.getMessage(), e));
                }
            }
            Predictor predictor = ExecutorPredictor.of(shared);
            if (!images.isEmpty()) {
                new PredictionJob(
                                input,
                                output,
                                shared.probabilities(),
                                Optional.empty(),
                                SegmentationWriter.of(shared.dicom(), predictor),
                                shared.uncertainty())
                        .run(images, predictor, this, records);
            }
        }

        /** One subject whose files the operating system does not reach: on the disk of this machine, and back. */
        private void segmentRemote(SubjectManifest subject) {
            try (TemporaryFolder written = StagingFolders.folder()) {
                Path output = written.path();
                // Outputs of an earlier call are compared with their hashes.
                Optional.ofNullable(entries.get(subject.id())).ifPresent(entry -> {
                    for (String name : entry.path("outputs").propertyNames()) {
                        if (outputs.read(name).isPresent()) {
                            outputs.fetch(name, output);
                        }
                    }
                });
                Optional<Staging> copies = staged(subject);
                if (copies.isPresent()) {
                    try (Staging staged = copies.get()) {
                        naming = text -> staged.named(text).replace(output.toString(), outputs.place());
                        segment(List.of(subject), staged.folder(), output, new Staged(output, this));
                    }
                }
            } finally {
                naming = UnaryOperator.identity();
            }
        }

        /** Empty, and the subject has failed, if its files cannot be copied. */
        private Optional<Staging> staged(SubjectManifest subject) {
            try {
                return Optional.of(Staging.of(inputs, subject.files()));
            } catch (PreceptorException e) {
                onFailed(new PredictionJob.Failure(subject.id(), e.getMessage(), e));
                return Optional.empty();
            }
        }

        /** Uploads the outputs of a subject before its entry is recorded. */
        private record Staged(Path output, Attempt attempt) implements PredictionRecords {
            @Override
            public Map<String, JsonNode> entries() {
                return attempt.entries();
            }

            @Override
            public void begin(String id) {
                attempt.begin(id);
            }

            @Override
            public void remove(String id, List<String> removed) {
                attempt.remove(id, removed);
                removed.forEach(attempt.outputs::delete);
            }

            @Override
            public void put(String id, JsonNode entry) {
                attempt.outputs.keepAll(
                        output, List.copyOf(entry.path("outputs").propertyNames()));
                attempt.put(id, entry);
            }
        }

        @Override
        public Map<String, JsonNode> entries() {
            return entries;
        }

        @Override
        public void begin(String id) {
            SubjectProgress known = earlier.get(id);
            if (known == null || known.entry().isEmpty()) {
                new SubjectProgress(id, batch.application(), known == null ? 1 : known.tries() + 1, Optional.empty())
                        .write(outputs);
            }
        }

        @Override
        public void remove(String id, List<String> removed) {
            entries.remove(id);
        }

        @Override
        public void put(String id, JsonNode entry) {
            entries.put(id, entry);
            new SubjectProgress(id, batch.application(), 1, Optional.of(entry)).write(outputs);
        }

        @Override
        public void onDone(PredictionJob.Done done) {
            SubjectOutcome outcome = SubjectOutcome.of(done);
            // What an earlier attempt of this call has segmented is not the output of an earlier call.
            boolean isOfThisCall = earlier.containsKey(done.id());
            outcomes.add(isOfThisCall ? SubjectOutcome.segmented(done.id()) : outcome);
            if (done.isKept() && !isOfThisCall) {
                outputs.delete(SubjectProgress.file(done.id()));
            }
        }

        @Override
        public void onFailed(PredictionJob.Failure failure) {
            SubjectOutcome outcome = SubjectOutcome.of(failure);
            outcomes.add(outcome.withReason(naming.apply(outcome.reason())));
            outputs.delete(SubjectProgress.file(failure.id()));
        }

        @Override
        public void onWarning(String text) {
            warnings.add(naming.apply(text));
        }
    }
}
