package dev.preceptor.study;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Runs the trials of a study: in this process, in child processes, or on other machines. Implementations are thread-safe.
 *
 * <p>A job travels as bytes ({@link TrialJob#toBytes}), is run by {@link TrialJob#run} wherever its folders can be reached, and its
 * scores travel back as bytes. Models, predictions and reports stay in the folder of the job.
 */
@FunctionalInterface
public interface TrialExecutor {
    /**
     * Runs one trial and waits for its end. As many threads call this at a time as the study has jobs.
     *
     * @param job all inputs of the trial; its recipe is written
     * @param listener is notified of progress, if the executor knows any
     * @param stopRequested is queried repeatedly; the trial then ends at its next checkpoint
     * @return what {@link TrialJob#run} returned: the scores, or empty if the trial was stopped
     * @throws dev.preceptor.base.PreceptorException if the trial fails, with the cause in one line; the study names the
     *     trial and continues with the others
     */
    Optional<byte[]> run(TrialJob job, WorkListener listener, BooleanSupplier stopRequested);
}
