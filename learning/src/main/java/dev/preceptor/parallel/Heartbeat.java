package dev.preceptor.parallel;

import dev.preceptor.base.ErrorLine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Notices that another rank is lost. Each rank counts up every second, on a thread of its own, in the store that rank 0 keeps;
 * a rank whose count stands still for long, or that left a line about its failure, is lost, and so is rank 0 if its store does
 * not answer. A killed process is noticed sooner, because its connections break: this says which rank it was. Nothing here is
 * native, so that a thread that outlives {@link #close} harms nobody.
 */
final class Heartbeat implements AutoCloseable {
    private static final long BEAT_MILLIS = 1000;
    private static final Duration SILENCE = Duration.ofSeconds(30);
    /** What is enough to tell which one it was once a connection broke. */
    private static final Duration SUSPICIOUS_SILENCE = Duration.ofSeconds(5);

    private static final Duration VERDICT = Duration.ofSeconds(12);

    private static final int MOST_CHARACTERS = 2000;

    private final KeyValueStore store;
    private final int rank;
    private final int size;
    private final long[] signs;
    private final long[] seen;
    private final Thread thread = new Thread(this::watch, "watch of the ranks");
    private volatile String verdict;
    private volatile boolean suspicious;
    private volatile boolean closing;

    /** @param store is the caller's, who closes it after this */
    Heartbeat(KeyValueStore store, int rank, int size) {
        this.store = store;
        this.rank = rank;
        this.size = size;
        this.signs = new long[size];
        this.seen = new long[size];
        thread.setDaemon(true);
    }

    Heartbeat start() {
        for (int other = 0; other < size; other++) {
            seen[other] = System.nanoTime();
        }
        thread.start();
        return this;
    }

    private void watch() {
        try {
            while (!closing && verdict == null) {
                beat();
                Thread.sleep(suspicious ? BEAT_MILLIS / 4 : BEAT_MILLIS);
            }
            // The others still need to see that it was not this one.
            while (!closing) {
                store.add(sign(rank), 1);
                Thread.sleep(BEAT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            if (verdict == null) {
                verdict = name(0) + " is lost: it does not answer";
            }
        }
    }

    private void beat() {
        store.add(sign(rank), 1);
        long now = System.nanoTime();
        for (int other = 0; other < size; other++) {
            if (other == rank) {
                continue;
            }
            Optional<byte[]> failure = store.get(end(other));
            if (failure.isPresent()) {
                verdict = name(other) + " failed: " + line(failure.get());
                store.add("heard", 1);
                return;
            }
            long sign = store.add(sign(other), 0);
            if (sign != signs[other]) {
                signs[other] = sign;
                seen[other] = now;
            } else if (now - seen[other] > (suspicious ? SUSPICIOUS_SILENCE : SILENCE).toNanos()) {
                verdict = name(other) + " is lost: no sign of it for "
                        + TimeUnit.NANOSECONDS.toSeconds(now - seen[other]) + " s";
                return;
            }
        }
    }

    /** What another process wrote, as far as it may stand in a message of this one. */
    private static String line(byte[] text) {
        String line = ErrorLine.printable(new String(text, StandardCharsets.UTF_8));
        return line.substring(0, Math.min(line.length(), MOST_CHARACTERS));
    }

    private static String sign(int rank) {
        return "sign/" + rank;
    }

    private static String end(int rank) {
        return "end/" + rank;
    }

    private String name(int other) {
        return "rank " + other + " of " + size;
    }

    /** Whether another rank is known to be lost. */
    boolean knows() {
        return verdict != null;
    }

    /**
     * Goes on only while nobody is lost.
     *
     * @throws LostRankException if another rank is
     */
    void check() {
        if (verdict != null) {
            throw lost(verdict, null);
        }
    }

    /** What to throw when an exchange broke: says who is lost, after waiting for a sign of the others. */
    LostRankException lost(RuntimeException broken) {
        suspicious = true;
        long end = System.nanoTime() + VERDICT.toNanos();
        while (verdict == null && System.nanoTime() < end) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        String found = verdict;
        return lost(found == null ? "the connection of rank " + rank + " to another rank broke" : found, broken);
    }

    private static LostRankException lost(String what, RuntimeException cause) {
        return new LostRankException(
                what + "; the training ended on every rank, and goes on from its newest checkpoint when all are started"
                        + " again with --resume",
                cause);
    }

    /** Leaves a line for the others and gives them time to read it. */
    void tell(String line) {
        if (verdict != null) {
            return;
        }
        try {
            store.set(end(rank), line.getBytes(StandardCharsets.UTF_8));
            long end = System.nanoTime() + 3 * TimeUnit.MILLISECONDS.toNanos(BEAT_MILLIS);
            while (store.add("heard", 0) < size - 1 && System.nanoTime() < end) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // Rank 0 has gone already; it cannot be told.
            return;
        }
    }

    /** Waits until all have left, so that the store is there for each of them to its end. */
    void leave(boolean keepsStore) {
        try {
            store.add("left", 1);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (keepsStore && store.add("left", 0) < size && System.nanoTime() < end) {
                Thread.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // All has been done; who is still there does not matter.
            return;
        }
    }

    /** On rank 0, before it closes the store after a failure: gives the others time to read which rank failed. */
    void linger() {
        try {
            long end = System.nanoTime() + 3 * TimeUnit.MILLISECONDS.toNanos(BEAT_MILLIS);
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
