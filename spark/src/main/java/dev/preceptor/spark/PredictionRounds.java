package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.SubjectOutcome;
import dev.preceptor.spark.ClusterSession.TaskFailedException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import tools.jackson.databind.JsonNode;

/**
 * Gives subjects to the cluster until each has ended. In the first rounds a task has many subjects; those that were in work when an
 * executor was lost get a second try, each in a task of its own, so that what ends a process is known by name and takes no other
 * subject with it. Spark ends a job when a task has failed twice: what is left then goes into a further round.
 */
final class PredictionRounds {
    private final ClusterSession cluster;
    private final PredictionRequest request;
    private final PredictionOutputs outputs;
    private final PredictionJob.Listener listener;
    private final TaskListener tasks;
    private final String application;
    private final Map<String, SubjectOutcome> outcomes = new TreeMap<>();

    PredictionRounds(
            ClusterSession cluster,
            PredictionRequest request,
            PredictionOutputs outputs,
            PredictionJob.Listener listener,
            TaskListener tasks) {
        this.cluster = cluster;
        this.request = request;
        this.outputs = outputs;
        this.listener = listener;
        this.tasks = tasks;
        this.application = cluster.spark().sc().applicationId();
    }

    /**
     * Segments the subjects, large ones first.
     *
     * @return how each of them ended, by id
     * @throws PreceptorException if the cluster gives up without having come further
     */
    Map<String, SubjectOutcome> run(List<SubjectManifest> subjects, ToLongFunction<SubjectManifest> bytes) {
        Map<SubjectManifest, Long> sizes = new HashMap<>();
        subjects.forEach(subject -> sizes.put(subject, bytes.applyAsLong(subject)));
        List<SubjectManifest> waiting = new ArrayList<>(subjects);
        waiting.sort(Comparator.comparing((SubjectManifest subject) -> -sizes.get(subject))
                .thenComparing(SubjectManifest::id));
        Map<String, SubjectManifest> suspects = new LinkedHashMap<>();
        while (!waiting.isEmpty()) {
            List<PredictionBatch> batches = Batches.of(waiting, cluster.slots()).stream()
                    .map(batch -> batch(batch, false))
                    .toList();
            round(batches, waiting, suspects, false);
        }
        List<SubjectManifest> again = new ArrayList<>(suspects.values());
        suspects.clear();
        while (!again.isEmpty()) {
            round(again.stream().map(one -> batch(List.of(one), true)).toList(), again, suspects, true);
        }
        return outcomes;
    }

    private PredictionBatch batch(List<SubjectManifest> subjects, boolean isSecondTry) {
        Map<String, JsonNode> known = new TreeMap<>();
        subjects.forEach(subject -> Optional.ofNullable(outputs.entries().get(subject.id()))
                .ifPresent(entry -> known.put(subject.id(), entry)));
        return new PredictionBatch(application, List.copyOf(subjects), known, isSecondTry);
    }

    /** Runs tasks and takes what has ended, or is suspected, from the waiting subjects. */
    private void round(
            List<PredictionBatch> batches,
            List<SubjectManifest> waiting,
            Map<String, SubjectManifest> suspects,
            boolean isSecondTry) {
        int before = waiting.size();
        try {
            List<String> results =
                    cluster.map(batches.stream().map(TaskJson::text).toList(), new PredictionTask(request), tasks);
            for (String text : results) {
                PredictionTask.Result result = TaskJson.of(text, PredictionTask.Result.class);
                result.outcomes().forEach(outcome -> outcomes.put(outcome.id(), outcome));
                result.warnings().forEach(listener::onWarning);
                waiting.stream()
                        .filter(subject -> result.suspects().contains(subject.id()))
                        .forEach(subject -> suspects.put(subject.id(), subject));
            }
            waiting.removeIf(subject -> outcomes.containsKey(subject.id()) || suspects.containsKey(subject.id()));
        } catch (TaskFailedException e) {
            settle(waiting, suspects, isSecondTry);
            if (waiting.size() == before) {
                throw e;
            }
            if (!waiting.isEmpty()) {
                listener.onWarning("a task failed twice; " + waiting.size() + " subjects go to new tasks");
            }
        }
    }

    /** After the end of a job whose results are lost: the files of the executors say what is complete and what was in work. */
    private void settle(List<SubjectManifest> waiting, Map<String, SubjectManifest> suspects, boolean isSecondTry) {
        Map<String, SubjectProgress> written = outputs.progress();
        waiting.removeIf(subject -> {
            SubjectProgress known = written.get(subject.id());
            if (known == null || !known.application().equals(application)) {
                return false;
            }
            if (known.entry().isPresent()) {
                outcomes.put(subject.id(), SubjectOutcome.segmented(subject.id()));
            } else if (known.tries() > 1) {
                outcomes.put(subject.id(), known.lost());
            } else if (isSecondTry) {
                return false;
            } else {
                suspects.put(subject.id(), subject);
            }
            return true;
        });
    }
}
