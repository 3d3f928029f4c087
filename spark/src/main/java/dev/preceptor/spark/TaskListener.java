package dev.preceptor.spark;

/** Is notified of how many tasks of a piece of work are done, on the thread that waits for them. */
@FunctionalInterface
public interface TaskListener {
    /** No notification. */
    TaskListener NONE = (done, total) -> {};

    /** @param done tasks that are complete, of {@code total} */
    void advanced(int done, int total);
}
