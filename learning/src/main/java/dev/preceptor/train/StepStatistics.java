package dev.preceptor.train;

import dev.preceptor.data.HostBatch;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The mean losses and metrics of the batches of one optimizer step, and its wall time since construction. */
final class StepStatistics {
    private final long begin = System.nanoTime();
    private final Map<String, DoubleSummaryStatistics> values = new LinkedHashMap<>();
    private double dataWait;

    /** Fetches a batch and adds the time until it is ready to the waiting time. */
    HostBatch waitFor(Supplier<HostBatch> batches) {
        long start = System.nanoTime();
        HostBatch batch = batches.get();
        dataWait += (System.nanoTime() - start) / 1e9;
        return batch;
    }

    /** Adds the values of one batch. */
    void add(Map<String, Double> batch) {
        batch.forEach((name, value) ->
                values.computeIfAbsent(name, n -> new DoubleSummaryStatistics()).accept(value));
    }

    /** The mean of each value over the batches that have it. */
    Map<String, Double> means() {
        Map<String, Double> means = new LinkedHashMap<>();
        values.forEach((name, all) -> means.put(name, all.getAverage()));
        return means;
    }

    /** Seconds since the step began. */
    double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Seconds of these in which the step waited for its batches. */
    double dataWait() {
        return dataWait;
    }
}
