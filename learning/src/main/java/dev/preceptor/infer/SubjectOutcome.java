package dev.preceptor.infer;

import dev.preceptor.base.Settings;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How a prediction of a subject ended: its state and reason in {@code summary.csv}.
 *
 * @param id the subject
 * @param status what happened
 * @param reason why there is no output, in one line; empty if there is
 * @param record the guards of a refused subject; an empty object for any other
 */
public record SubjectOutcome(String id, Status status, String reason, JsonNode record) {
    /** What happened to a subject. */
    public enum Status {
        /** It was segmented in this call. */
        SEGMENTED,
        /** The outputs of an earlier call are current. */
        KEPT,
        /** It could not be segmented. */
        FAILED,
        /** A guard of the models refused it. */
        REFUSED
    }

    /** The outcome of a subject whose outputs are complete. */
    public static SubjectOutcome of(PredictionJob.Done done) {
        return complete(done.id(), done.isKept());
    }

    /** The outcome of a subject that was left out. */
    public static SubjectOutcome of(PredictionJob.Failure failure) {
        return failure.cause() instanceof RefusedInputException refused
                ? new SubjectOutcome(
                        failure.id(),
                        Status.REFUSED,
                        failure.reason(),
                        Settings.JSON.valueToTree(
                                Map.of(SubjectRecord.GUARDS, SubjectRecord.guards(refused.findings()))))
                : failed(failure.id(), failure.reason());
    }

    /** The outcome of a subject that could not be segmented. */
    public static SubjectOutcome failed(String id, String reason) {
        return new SubjectOutcome(id, Status.FAILED, reason, Settings.JSON.createObjectNode());
    }

    /** The outcome of a subject that this call has segmented. */
    public static SubjectOutcome segmented(String id) {
        return complete(id, false);
    }

    /** The same outcome with a reason in other words. */
    public SubjectOutcome withReason(String other) {
        return new SubjectOutcome(id, status, other, record);
    }

    /** Whether the subject has outputs. */
    public boolean isComplete() {
        return status == Status.SEGMENTED || status == Status.KEPT;
    }

    static SubjectOutcome complete(String id, boolean isKept) {
        return new SubjectOutcome(id, isKept ? Status.KEPT : Status.SEGMENTED, "", Settings.JSON.createObjectNode());
    }
}
