package dev.preceptor.train;

import dev.preceptor.augment.Degradation;
import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Degraded copies of subjects, two of each kind of {@link Degradation}. Copy 0 is the subject itself.
 *
 * @param seed of the training; a copy depends on it and on the ID of the subject alone
 */
record DegradedCopies(long seed) {
    private static final Degradation[] KINDS = Degradation.values();
    private static final int OF_EACH_KIND = 2;

    /** The number of copies with the subject itself. */
    static final int COUNT = 1 + OF_EACH_KIND * KINDS.length;

    /** The numbers of all copies. */
    static List<Integer> all() {
        return IntStream.range(0, COUNT).boxed().toList();
    }

    /** Two copies of different kinds; several subjects in a row have all kinds. */
    static List<Integer> few(int subject) {
        int first = subject % KINDS.length;
        return List.of(1 + first, 1 + KINDS.length + (first + 2) % KINDS.length);
    }

    /**
     * The images of a copy; each draws its own strength.
     *
     * @param id of the subject
     * @param copy from 0
     */
    Map<Sequence, Volume> of(String id, Map<Sequence, Volume> volumes, int copy) {
        if (copy == 0) {
            return volumes;
        }
        RandomSource random = new RandomSource(new RandomStreams(seed).stream("degraded copies of " + id, copy));
        Degradation kind = KINDS[(copy - 1) % KINDS.length];
        Map<Sequence, Volume> degraded = new TreeMap<>();
        new TreeMap<>(volumes).forEach((sequence, volume) -> degraded.put(sequence, kind.of(volume, random)));
        return degraded;
    }
}
