package dev.preceptor.base;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Independent random streams derived from one seed by name, so that drawing more numbers for one purpose never changes
 * the numbers of another. The same seed, name and indices give the same stream on every machine and Java version. Names
 * are part of every stored result: never rename one.
 *
 * @param seed the seed of the run
 */
public record RandomStreams(long seed) {
    /**
     * A new generator at the start of the stream, for example {@code stream("flips", epoch, step)}.
     *
     * @param purpose the name of the stream
     * @param indices numbers that distinguish streams of one name
     */
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

    /** The first number of a stream, as the seed of a foreign generator such as libtorch's. */
    public long seedFor(String purpose, long... indices) {
        return stream(purpose, indices).nextLong();
    }

    /**
     * A permutation of names that depends on the seed, the purpose and the set of names, not on their order.
     *
     * @param purpose the name of the stream
     * @return a list of its own
     */
    public List<String> shuffled(Collection<String> names, String purpose) {
        List<String> order = new ArrayList<>(names);
        Collections.sort(order);
        Collections.shuffle(order, new Random(seedFor(purpose)));
        return order;
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
    private static long mix(long z) {
        long mixed = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
