package dev.preceptor.parallel;

/**
 * The part of a batch that one rank computes: contiguous blocks of equal size in rank order.
 *
 * @param rank from 0
 * @param size the world size
 */
public record Shard(int rank, int size) {
    /** The whole batch. */
    public static final Shard WHOLE = new Shard(0, 1);

    public Shard {
        if (rank < 0 || rank >= size) {
            throw new IllegalArgumentException("rank " + rank + " of " + size);
        }
    }

    /** The index of the first of {@code count} samples in this shard. */
    public int begin(int count) {
        return Math.toIntExact((long) count * rank / size);
    }

    /** One past the index of the last of {@code count} samples in this shard. */
    public int end(int count) {
        return Math.toIntExact((long) count * (rank + 1) / size);
    }
}
