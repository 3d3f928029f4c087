package dev.preceptor.study;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.metrics.Convention;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.volume.LabelSpace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * All inputs of one trial, so that another process or another machine can run it.
 *
 * @param name of the trial
 * @param fold the fold that is held out and scored; empty if the whole of {@code scored} is
 * @param recipe file of the resolved recipe
 * @param folder of the run, with the scores in it
 * @param lock a file that the process that runs the trial locks
 * @param training folder of the training cohort
 * @param scored folder of the cohort that is scored
 * @param truth folder of the true labels of {@code scored}; empty if its own label maps are the reference
 * @param mapping table of other names of the same patients, if any
 * @param convention under which the predictions are scored
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads intra-op threads of libtorch; 0 for as many as there are cores
 * @param schema what the labels of {@code training} and {@code scored} mean; empty to decide it
 * @param unlabelled folder of further subjects to learn from without labels, if any
 * @param teachers folder of the finished trial that trained the teachers, with its models and scores; empty if the trial has or
 *     trains its own
 */
public record TrialJob(
        String name,
        Optional<FoldChoice> fold,
        Path recipe,
        Path folder,
        Path lock,
        Path training,
        Path scored,
        Optional<Path> truth,
        Optional<Path> mapping,
        Convention convention,
        String device,
        int threads,
        Optional<LabelSpace> schema,
        Optional<Path> unlabelled,
        Optional<Path> teachers) {

    /**
     * A job that {@link #toBytes} wrote.
     *
     * @throws dev.preceptor.base.PreceptorException if the bytes hold something else
     */
    public static TrialJob of(byte[] bytes) {
        return BoundJson.of(bytes, TrialJob.class, "these bytes are not a job of a study");
    }

    /** The job as JSON in UTF-8. */
    public byte[] toBytes() {
        return JsonFiles.text(this).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Runs the trial in this process: trains, or resumes training; predicts the held-out or unseen subjects; scores the
     * predictions. Waits first while another process runs the same trial; a finished trial is not run again. Sets the number of
     * libtorch's threads, so a process runs one trial at a time.
     *
     * @param listener is notified of progress
     * @param stopRequested is queried repeatedly; the trial then ends at its next checkpoint
     * @return the scores, the bytes of {@code scores/cell.json}; empty if the trial was stopped
     * @throws dev.preceptor.base.PreceptorException if training, prediction or scoring fails
     */
    public Optional<byte[]> run(WorkListener listener, BooleanSupplier stopRequested) {
        return TrialRun.run(this, listener, stopRequested) ? Optional.of(TrialScores.bytes(folder)) : Optional.empty();
    }

    /**
     * Runs the trial in a process of its own, which inherits the class path and the options of this one. A process that waits is
     * ended, after a checkpoint, by an interrupt or by the end of this process.
     *
     * @param file in which the job is written for that process
     * @param log to which its output is appended
     * @param heapMib its Java heap in MiB
     * @param whileWaiting called several times a second until it ends
     * @param stopRequested is queried repeatedly
     * @return the scores; empty if the trial was stopped
     * @throws dev.preceptor.base.PreceptorException with the error line of the process if the trial fails
     */
    public Optional<byte[]> runInProcess(
            Path file, Path log, long heapMib, Runnable whileWaiting, BooleanSupplier stopRequested) {
        write(file);
        return TrialProcess.run(file, log, heapMib, whileWaiting, stopRequested)
                ? Optional.of(TrialScores.bytes(folder))
                : Optional.empty();
    }

    static TrialJob read(Path file) {
        return BoundJson.read(file, TrialJob.class, "is not a job of a study");
    }

    private void write(Path file) {
        JsonFiles.write(file, this);
    }
}
