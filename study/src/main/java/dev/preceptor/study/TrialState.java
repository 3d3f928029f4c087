package dev.preceptor.study;

/**
 * How one cell stands.
 *
 * @param name of the cell, and of its folder under {@code cells}
 * @param arm whose cell it is
 * @param fold K/N, or empty
 * @param seed of its training
 * @param state {@code finished} or {@code failed}
 * @param error why it failed, in one line; empty if it did not
 */
public record TrialState(String name, String arm, String fold, long seed, State state, String error) {
    /** How it ended. */
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

    /** Whether its scores count. */
    public boolean hasFinished() {
        return state == State.FINISHED;
    }
}
