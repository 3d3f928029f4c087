package dev.preceptor.study;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Runs each trial in a process of its own on this machine.
 *
 * @param folder of the study, in which job files and logs are written
 * @param heapMib Java heap of each process in MiB
 */
record ChildProcessTrials(StudyFolder folder, long heapMib) implements TrialExecutor {
    @Override
    public Optional<byte[]> run(TrialJob job, WorkListener listener, BooleanSupplier stopRequested) {
        TrialFollower follower = new TrialFollower(job, state -> {
            synchronized (listener) {
                listener.trialAdvanced(job.name(), state);
            }
        });
        return job.runInProcess(
                folder.job(job.name(), "json"), folder.job(job.name(), "log"), heapMib, follower::poll, stopRequested);
    }
}
