package dev.preceptor.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;

/** Resident memory of this process after rounds of equal work, and how much of it a leak added. */
public final class ResidentMemory {
    private final List<Long> rounds = new ArrayList<>();

    /** Reads the resident memory after a round; the first round warms up and does not count. */
    public void record() {
        System.gc();
        Pointer.trimMemory();
        add(Pointer.physicalBytes());
    }

    void add(long bytes) {
        rounds.add(bytes);
    }

    /**
     * Bytes that a leak added. It adds the same in every round, so all three estimates show it; samples that are prepared ahead at the
     * end of some rounds, or a new heap of malloc, which comes once, are missing in at least one of them.
     */
    public long growth() {
        double perRound = Math.min(meanOfMiddleSteps(), Math.min(medianSlope(), slopeOfMinima()));
        return (long) (perRound * (rounds.size() - 1));
    }

    /** The mean of the middle half of the differences between rounds: one that is large by itself does not count. */
    private double meanOfMiddleSteps() {
        long[] added = IntStream.range(2, rounds.size())
                .mapToLong(round -> rounds.get(round) - rounds.get(round - 1))
                .sorted()
                .toArray();
        int quarter = added.length / 4;
        return Arrays.stream(added, quarter, added.length - quarter).average().orElseThrow();
    }

    /** The slope of Theil and Sen in bytes a round: values that jump up and down between rounds do not count. */
    private double medianSlope() {
        double[] slopes = IntStream.range(1, rounds.size())
                .boxed()
                .flatMap(first -> IntStream.range(first + 1, rounds.size())
                        .mapToObj(second -> (double) (rounds.get(second) - rounds.get(first)) / (second - first)))
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        return slopes[slopes.length / 2];
    }

    /** From the least of the first half to the least of the second: what is held after some rounds only does not count. */
    private double slopeOfMinima() {
        int half = (rounds.size() - 1) / 2;
        long first = rounds.subList(1, 1 + half).stream().min(Long::compare).orElseThrow();
        long second = rounds.subList(rounds.size() - half, rounds.size()).stream()
                .min(Long::compare)
                .orElseThrow();
        return (double) (second - first) / (rounds.size() - half - 1);
    }

    @Override
    public String toString() {
        return rounds.toString();
    }
}
