package dev.preceptor.dicomweb;

import java.time.Duration;

/**
 * The retry policy for a PACS that does not answer, or answers 429, 502, 503 or 504: attempts, initial and maximal delay. The delay
 * doubles from attempt to attempt; a header {@code Retry-After} lengthens it up to the maximal delay. Each progress of a transfer resets
 * the attempts.
 *
 * @param attempts number of attempts in all, at least 1
 * @param first initial delay, before the second attempt; at least 0
 * @param longest maximal delay, not below {@code first}
 */
public record Retry(int attempts, Duration first, Duration longest) {
    /** Seven attempts within 31.5 s: a PACS that restarts is waited for. */
    public static final Retry DEFAULTS = new Retry(7, Duration.ofMillis(500), Duration.ofSeconds(20));

    /** @throws IllegalArgumentException if a value is out of range */
    public Retry {
        if (attempts < 1 || first.isNegative() || first.compareTo(longest) > 0) {
            throw new IllegalArgumentException("attempts is at least 1, and first is between 0 and longest");
        }
    }

    /**
     * The delay after a failed attempt.
     *
     * @param failed number of failed attempts so far, at least 1
     * @param asked what the server asks for; zero if it does not ask
     */
    Duration delay(int failed, Duration asked) {
        Duration doubled = failed > 30 ? longest : first.multipliedBy(1L << (failed - 1));
        Duration wanted = doubled.compareTo(asked) < 0 ? asked : doubled;
        return wanted.compareTo(longest) < 0 ? wanted : longest;
    }
}
