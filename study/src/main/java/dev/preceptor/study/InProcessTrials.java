package dev.preceptor.study;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Runs trials in this process; one at a time, because the number of threads of libtorch is process-wide. */
final class InProcessTrials implements TrialExecutor {
    @Override
    public synchronized Optional<byte[]> run(TrialJob job, WorkListener listener, BooleanSupplier stopRequested) {
        listener.began("trial " + job.name());
        return job.run(listener, stopRequested);
    }
}
