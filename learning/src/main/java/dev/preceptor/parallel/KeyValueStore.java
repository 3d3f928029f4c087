package dev.preceptor.parallel;

import java.util.Optional;

/** What the ranks tell each other outside collectives: a map that rank 0 keeps. Thread-safe. */
interface KeyValueStore extends AutoCloseable {
    /** Sets a value. */
    void set(String key, byte[] value);

    /** The value of a key, or nothing if none was set. */
    Optional<byte[]> get(String key);

    /** Adds to a counter, which begins at 0, and returns the sum. */
    long add(String key, long amount);

    /** Ends the connection, or on rank 0 all of them. */
    @Override
    void close();
}
