package dev.preceptor.spark;

import java.util.ArrayList;
import java.util.List;

/** How items are divided into tasks. Stateless. */
final class Batches {
    private static final int LEAST = 20;
    private static final int MOST = 50;
    private static final int TASKS_OF_A_PLACE = 4;

    private Batches() {}

    /**
     * How many items a task has: a fourth of what a place has to do, but at least 20, for a task costs time of its own, and at most 50,
     * for that much is lost with an executor; fewer if there would be fewer tasks than places.
     *
     * @param items at least 1
     * @param slots places for tasks, at least 1
     */
    static int size(int items, int slots) {
        int quarter = quotient(items, TASKS_OF_A_PLACE * slots);
        return Math.min(quotient(items, slots), Math.max(LEAST, Math.min(MOST, quarter)));
    }

    /** Consecutive items, as many in each batch. */
    static <T> List<List<T>> of(List<T> items, int slots) {
        List<List<T>> batches = new ArrayList<>();
        int size = items.isEmpty() ? 1 : size(items.size(), slots);
        for (int from = 0; from < items.size(); from += size) {
            batches.add(List.copyOf(items.subList(from, Math.min(from + size, items.size()))));
        }
        return batches;
    }

    private static int quotient(int number, int divisor) {
        return (number + divisor - 1) / divisor;
    }
}
