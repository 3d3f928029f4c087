package dev.preceptor.study;

/**
 * How a trial ended.
 *
 * @param name of the trial, and of its folder below {@code cells}
 * @param arm name of the arm
 * @param fold K/N, or empty
 * @param seed of its training
 * @param state {@code finished} or {@code failed}
 * @param error the reason of the failure in one line; empty if it finished
 */
public record TrialState(String name, String arm, String fold, long seed, State state, String error) {
    /** The two ends of a trial. */
    public enum State {
        FINISHED,
        FAILED
    }

    static TrialState finished(Trial trial) {
        return of(trial, State.FINISHED, "");
    }

    static TrialState failed(Trial trial, String error) {
        return of(trial, State.FAILED, error);
    }

    private static TrialState of(Trial trial, State state, String error) {
        return new TrialState(
                trial.name(), trial.arm(), trial.fold().map(Object::toString).orElse(""), trial.seed(), state, error);
    }

    /** Whether the trial has finished, so that its scores count. */
    public boolean hasFinished() {
        return state == State.FINISHED;
    }
}
