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
public record CellState(String name, String arm, String fold, long seed, State state, String error) {
    /** How it ended. */
    public enum State {
        FINISHED,
        FAILED
    }

    static CellState finished(Cell cell) {
        return of(cell, State.FINISHED, "");
    }

    static CellState failed(Cell cell, String error) {
        return of(cell, State.FAILED, error);
    }

    private static CellState of(Cell cell, State state, String error) {
        return new CellState(
                cell.name(), cell.arm(), cell.fold().map(Object::toString).orElse(""), cell.seed(), state, error);
    }

    /** Whether its scores count. */
    public boolean hasFinished() {
        return state == State.FINISHED;
    }
}
