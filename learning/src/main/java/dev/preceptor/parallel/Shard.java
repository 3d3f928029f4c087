package dev.preceptor.parallel;

/**
 * The part of a batch that one of several processes takes: a block of equal size for each, in the order of the ranks.
 *
 * @param rank from 0
 * @param size how many processes there are
 */
public record Shard(int rank, int size) {
    /** All of it. */
    public static final Shard WHOLE = new Shard(0, 1);

    public Shard {
        if (rank < 0 || rank >= size) {
            throw new IllegalArgumentException("rank " + rank + " of " + size);
        }
    }

    /** The first of this process among so many, from 0. */
    public int begin(int count) {
        return Math.toIntExact((long) count * rank / size);
    }

    /** One past its last. */
    public int end(int count) {
        return Math.toIntExact((long) count * (rank + 1) / size);
    }
}
