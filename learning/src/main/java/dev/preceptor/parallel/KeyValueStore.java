package dev.preceptor.parallel;

import java.util.Optional;

/** A key-value store on rank 0, through which the ranks communicate outside collectives. Thread-safe. */
interface KeyValueStore extends AutoCloseable {
    /** Sets a value. */
    void set(String key, byte[] value);

    /** The value of a key, or empty if it was not set. */
    Optional<byte[]> get(String key);

    /** Adds to a counter, which is initially 0, and returns the sum. */
    long add(String key, long amount);

    /** Closes the connection; on rank 0, all connections. */
    @Override
    void close();
}
