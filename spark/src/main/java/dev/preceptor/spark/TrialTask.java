package dev.preceptor.spark;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.study.TrialJob;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;

/** Runs one trial of a study on an executor, in a process of its own, as a study with several jobs does on one machine. */
final class TrialTask implements Function<String, String> {
    private static final long serialVersionUID = 1L;

    private final long heapMib;

    /** @param heapMib Java heap of the process of a trial */
    TrialTask(long heapMib) {
        this.heapMib = heapMib;
    }

    /**
     * What comes back. A trial that fails would fail again, so that its error is a result; what Spark repeats is a trial whose
     * executor was lost.
     *
     * @param scores empty if the trial was stopped or failed
     * @param error why it failed, in one line
     */
    record Result(Optional<String> scores, Optional<String> error) {}

    @Override
    public String call(String text) {
        TrialJob job = TrialJob.of(text.getBytes(StandardCharsets.UTF_8));
        BooleanSupplier isCancelled = TaskContext.get()::isInterrupted;
        return TaskJson.text(result(job, isCancelled));
    }

    private Result result(TrialJob job, BooleanSupplier isCancelled) {
        Path jobs = job.recipe().toAbsolutePath().getParent();
        try {
            Optional<byte[]> scores = job.runInProcess(
                    jobs.resolve(job.name() + ".json"),
                    jobs.resolve(job.name() + ".log"),
                    heapMib,
                    () -> {},
                    isCancelled);
            return new Result(scores.map(bytes -> new String(bytes, StandardCharsets.UTF_8)), Optional.empty());
        } catch (PreceptorException e) {
            return new Result(Optional.empty(), Optional.of(ErrorLine.of(e)));
        }
    }
}
