package dev.preceptor.parallel;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.ErrorLine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Detects lost ranks. Every second, a thread of each rank increments a counter in the store of rank 0. A rank is lost if its
 * counter stands still for {@link #TIMEOUT} or if it reported a failure; rank 0 is lost if its store does not answer. The
 * connections of a killed process break at once: a collective then fails first, and the heartbeat tells which rank was lost. The
 * thread holds no native objects, so it may outlive {@link #close}.
 */
final class Heartbeat implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 1000;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /** The timeout after a connection broke, when it only remains to find out which rank was lost. */
    private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(5);

    private static final Duration DIAGNOSIS_TIMEOUT = Duration.ofSeconds(12);

    private static final int MAX_CHARACTERS = 2000;

    private final KeyValueStore store;
    private final int rank;
    private final int size;
    private final long[] counts;
    private final long[] lastChange;
    private final Thread thread = DaemonThreads.of("preceptor-heartbeat", this::run);
    private volatile String failure;
    private volatile boolean connectionBroke;
    private volatile boolean closing;

    /** @param store owned by the caller, who closes it after this heartbeat */
    Heartbeat(KeyValueStore store, int rank, int size) {
        this.store = store;
        this.rank = rank;
        this.size = size;
        this.counts = new long[size];
        this.lastChange = new long[size];
    }

    Heartbeat start() {
        for (int other = 0; other < size; other++) {
            lastChange[other] = System.nanoTime();
        }
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (!closing && failure == null) {
                beat();
                Thread.sleep(connectionBroke ? INTERVAL_MILLIS / 4 : INTERVAL_MILLIS);
            }
            // Other ranks must still be able to see that this one is alive.
            while (!closing) {
                store.add(countKey(rank), 1);
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            if (failure == null) {
                failure = name(0) + " is lost: its store does not answer";
            }
        }
    }

    private void beat() {
        store.add(countKey(rank), 1);
        long now = System.nanoTime();
        for (int other = 0; other < size; other++) {
            if (other == rank) {
                continue;
            }
            Optional<byte[]> report = store.get(failureKey(other));
            if (report.isPresent()) {
                failure = name(other) + " failed: " + line(report.get());
                store.add("heard", 1);
                return;
            }
            long count = store.add(countKey(other), 0);
            if (count != counts[other]) {
                counts[other] = count;
                lastChange[other] = now;
            } else if (now - lastChange[other] > (connectionBroke ? SHORT_TIMEOUT : TIMEOUT).toNanos()) {
                failure = name(other) + " is lost: no heartbeat for "
                        + TimeUnit.NANOSECONDS.toSeconds(now - lastChange[other]) + " s";
                return;
            }
        }
    }

    /** The report of another rank, made printable and cut to the length of a message. */
    private static String line(byte[] text) {
        String line = ErrorLine.printable(new String(text, StandardCharsets.UTF_8));
        return line.substring(0, Math.min(line.length(), MAX_CHARACTERS));
    }

    private static String countKey(int rank) {
        return "sign/" + rank;
    }

    private static String failureKey(int rank) {
        return "end/" + rank;
    }

    private String name(int other) {
        return "rank " + other + " of " + size;
    }

    /** Whether another rank is known to be lost. */
    boolean hasLostRank() {
        return failure != null;
    }

    /**
     * Checks that no rank is known to be lost.
     *
     * @throws LostRankException if another rank is lost
     */
    void check() {
        if (failure != null) {
            throw lost(failure, null);
        }
    }

    /** The exception for a broken collective; waits up to 12 s to find out which rank was lost. */
    LostRankException lost(RuntimeException cause) {
        connectionBroke = true;
        long end = System.nanoTime() + DIAGNOSIS_TIMEOUT.toNanos();
        while (failure == null && System.nanoTime() < end) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        String found = failure;
        return lost(found == null ? "the connection of rank " + rank + " to another rank broke" : found, cause);
    }

    private static LostRankException lost(String what, RuntimeException cause) {
        return new LostRankException(
                what
                        + "; training has stopped on every rank: start all ranks again with --resume to continue from the newest"
                        + " checkpoint",
                cause);
    }

    /** Reports the failure of this rank, and gives the other ranks 3 s to read the report. */
    void reportFailure(String line) {
        if (failure != null) {
            return;
        }
        try {
            store.set(failureKey(rank), line.getBytes(StandardCharsets.UTF_8));
            long end = System.nanoTime() + 3 * TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
            while (store.add("heard", 0) < size - 1 && System.nanoTime() < end) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // Rank 0 has ended and its store with it.
            return;
        }
    }

    /** The barrier at the end of training: rank 0 waits up to 10 s for the others, which still need its store. */
    void awaitEnd(boolean ownsStore) {
        try {
            store.add("left", 1);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (ownsStore && store.add("left", 0) < size && System.nanoTime() < end) {
                Thread.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // Training is complete, and the store is no longer needed.
            return;
        }
    }

    /** On rank 0 after a failure: gives the other ranks 3 s to read which rank failed, before the store closes. */
    void awaitReaders() {
        try {
            long end = System.nanoTime() + 3 * TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
            while (store.add("heard", 0) < size - 1 && System.nanoTime() < end) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
