package dev.preceptor.base;

import java.util.SplittableRandom;

/**
 * Independent random streams derived from one seed by name, so that drawing more numbers for one purpose never changes
 * what another purpose draws. The same seed and name give the same stream on every machine and Java version.
 *
 * @param seed the seed of the run
 */
public record RandomStreams(long seed) {
    /** The stream for a purpose, for instance {@code stream("flips", epoch, step)}; a new object at each call. */
    public SplittableRandom stream(String purpose, long... indices) {
        long state = mix(seed);
        for (int i = 0; i < purpose.length(); i++) {
            state = mix(state ^ purpose.charAt(i));
        }
        for (long index : indices) {
            state = mix(state + 0x9E3779B97F4A7C15L ^ index);
        }
        return new SplittableRandom(state);
    }

    /** A seed for code that keeps its own generator, libtorch's for instance. */
    public long seedFor(String purpose, long... indices) {
        return stream(purpose, indices).nextLong();
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
    private static long mix(long z) {
        long mixed = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
