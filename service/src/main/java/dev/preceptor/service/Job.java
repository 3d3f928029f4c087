package dev.preceptor.service;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * One call of a model on the images of one patient. Immutable; {@link JobStore} keeps it in a file.
 *
 * @param id random, in the address of the job
 * @param number counted by the service, in the name that people see
 * @param model which segments
 * @param input the images
 * @param owner the name of the token that asked for it
 * @param state how far it is
 * @param created when it was accepted
 * @param started when its worker took it
 * @param ended when it was done or failed
 * @param progress 0 to 1
 * @param error why it failed, in one line
 * @param result of a job that is done
 * @param delivery to the PACS, where it is to go there
 */
public record Job(
        String id,
        long number,
        ModelName model,
        JobInput input,
        String owner,
        JobState state,
        Instant created,
        Optional<Instant> started,
        Optional<Instant> ended,
        double progress,
        Optional<String> error,
        Optional<JobResult> result,
        Optional<Delivery> delivery) {
    static Job queued(String id, long number, ModelName model, JobInput input, String owner) {
        return new Job(
                id,
                number,
                model,
                input,
                owner,
                JobState.QUEUED,
                now(),
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    /** The name that people see; it says nothing about the patient. */
    public String label() {
        return "Job " + number;
    }

    Job asRunning() {
        return with(JobState.RUNNING, Optional.of(now()), Optional.empty(), 0, Optional.empty(), Optional.empty());
    }

    /** As it was accepted, after the service ended while the job ran. */
    Job asQueued() {
        return with(JobState.QUEUED, Optional.empty(), Optional.empty(), 0, Optional.empty(), Optional.empty());
    }

    Job withProgress(double share) {
        return with(state, started, ended, share, error, result);
    }

    Job asDone(JobResult found) {
        Job done = with(JobState.DONE, started, Optional.of(now()), 1, Optional.empty(), Optional.of(found));
        return input.deliver() && found.hasSegmentation() ? done.withDelivery(Delivery.PENDING) : done;
    }

    Job asFailed(String line) {
        return with(JobState.FAILED, started, Optional.of(now()), progress, Optional.of(line), Optional.empty());
    }

    Job withDelivery(Delivery other) {
        return new Job(
                id,
                number,
                model,
                input,
                owner,
                state,
                created,
                started,
                ended,
                progress,
                error,
                result,
                Optional.of(other));
    }

    private Job with(
            JobState newState,
            Optional<Instant> newStarted,
            Optional<Instant> newEnded,
            double newProgress,
            Optional<String> newError,
            Optional<JobResult> newResult) {
        return new Job(
                id,
                number,
                model,
                input,
                owner,
                newState,
                created,
                newStarted,
                newEnded,
                newProgress,
                newError,
                newResult,
                delivery);
    }
}
