package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.study.TrialExecutor;
import dev.preceptor.study.TrialFollower;
import dev.preceptor.study.TrialJob;
import dev.preceptor.study.WorkListener;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Runs each trial of a study as one task of a cluster, in the folders that all machines share. A trial whose executor is lost is
 * repeated once by Spark and resumes from its newest checkpoint.
 *
 * @param cluster that runs the trials
 * @param heapMib Java heap of the process of a trial, in MiB
 */
public record SparkTrials(ClusterSession cluster, long heapMib) implements TrialExecutor {
    /** How many trials the cluster runs at a time. */
    public int slots() {
        return cluster.slots();
    }

    /** Threads of one trial. */
    public int threads() {
        return cluster.coresOfTask();
    }

    @Override
    public Optional<byte[]> run(TrialJob job, WorkListener listener, BooleanSupplier stopRequested) {
        TrialFollower follower = new TrialFollower(job, state -> {
            synchronized (listener) {
                listener.trialAdvanced(job.name(), state);
            }
        });
        String text = new String(job.toBytes(), StandardCharsets.UTF_8);
        List<String> results =
                cluster.map(List.of(text), new TrialTask(heapMib), TaskListener.NONE, follower::poll, stopRequested);
        if (results.isEmpty()) {
            return Optional.empty();
        }
        TrialTask.Result result = TaskJson.of(results.get(0), TrialTask.Result.class);
        result.error().ifPresent(error -> {
            throw new PreceptorException(error);
        });
        return result.scores().map(scores -> scores.getBytes(StandardCharsets.UTF_8));
    }
}
