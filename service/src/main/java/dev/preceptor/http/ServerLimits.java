package dev.preceptor.http;

import java.time.Duration;

/**
 * What callers may cost.
 *
 * @param headerBytes of a request; more is answered with 431
 * @param bodyBytes of a request; more is answered with 413
 * @param idle after which a connection on which nothing happens is closed
 * @param bytesPerSecond that the body of a request must at least have on average, after the first seconds
 * @param connections at a time; further ones wait until others end
 * @param threads that answer at a time
 * @param shutdown for which requests in progress are waited for at the end
 */
public record ServerLimits(
        int headerBytes,
        long bodyBytes,
        Duration idle,
        int bytesPerSecond,
        int connections,
        int threads,
        Duration shutdown) {
    /** 8 KiB of headers, 4 GiB of body, 30 s of silence, 1 KiB a second, 15,000 connections, 64 threads, 10 s at the end. */
    public static final ServerLimits DEFAULTS =
            new ServerLimits(8 << 10, 4L << 30, Duration.ofSeconds(30), 1 << 10, 15_000, 64, Duration.ofSeconds(10));

    /** A copy with another size of the body. */
    public ServerLimits withBodyBytes(long other) {
        return new ServerLimits(headerBytes, other, idle, bytesPerSecond, connections, threads, shutdown);
    }

    /** A copy with another time of silence. */
    public ServerLimits withIdle(Duration other) {
        return new ServerLimits(headerBytes, bodyBytes, other, bytesPerSecond, connections, threads, shutdown);
    }
}
