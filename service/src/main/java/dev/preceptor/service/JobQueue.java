package dev.preceptor.service;

import dev.preceptor.http.HttpStatusException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The jobs that wait, first in first out for each model. A place is reserved before an upload is read, so that a caller learns that the
 * queue is full before it has sent everything. For any number of threads.
 */
final class JobQueue {
    private final int capacity;
    private final Duration retryAfter;
    private final Map<ModelName, Deque<String>> waiting = new HashMap<>();
    private int places;
    private boolean isClosed;

    /**
     * @param capacity most jobs that wait at a time, over all models
     * @param retryAfter sent to a caller when the queue is full
     */
    JobQueue(int capacity, Duration retryAfter) {
        this.capacity = capacity;
        this.retryAfter = retryAfter;
    }

    /** A place in the queue, which is given back by {@link #close} unless a job has taken it. For one thread. */
    final class Place implements AutoCloseable {
        private boolean isTaken;

        void take(Job job) {
            isTaken = true;
            put(job);
        }

        @Override
        public void close() {
            if (!isTaken) {
                isTaken = true;
                release();
            }
        }
    }

    /**
     * Reserves a place.
     *
     * @throws HttpStatusException 503 if there is none or the service ends
     */
    synchronized Place reserve() {
        if (isClosed) {
            throw HttpStatusException.busy("the service ends; try again when it is back", retryAfter);
        }
        if (places >= capacity) {
            throw HttpStatusException.busy(
                    "the queue is full: " + capacity + " jobs wait; try again later", retryAfter);
        }
        places++;
        return new Place();
    }

    /** Puts a job that was accepted before behind those that wait, whether there is room or not. */
    synchronized void putBack(Job job) {
        places++;
        put(job);
    }

    private synchronized void put(Job job) {
        waiting.computeIfAbsent(job.model(), model -> new ArrayDeque<>()).add(job.id());
        notifyAll();
    }

    private synchronized void release() {
        places--;
    }

    /** Waits for the next job of a model; empty when the queue is closed, though jobs may wait. */
    synchronized Optional<String> next(ModelName model) throws InterruptedException {
        while (!isClosed) {
            Deque<String> jobs = waiting.get(model);
            if (jobs != null && !jobs.isEmpty()) {
                places--;
                return Optional.of(jobs.remove());
            }
            wait();
        }
        return Optional.empty();
    }

    /** Takes a job out; false if it does not wait. */
    synchronized boolean remove(Job job) {
        Deque<String> jobs = waiting.get(job.model());
        boolean isThere = jobs != null && jobs.remove(job.id());
        if (isThere) {
            places--;
        }
        return isThere;
    }

    synchronized int length() {
        return waiting.values().stream().mapToInt(Deque::size).sum();
    }

    int capacity() {
        return capacity;
    }

    /** Whether a job would be accepted. */
    synchronized boolean hasRoom() {
        return !isClosed && places < capacity;
    }

    /** Gives out no job and no place any more. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }
}
