package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class ResidentMemoryTest {
    private static final int ROUNDS = 12;

    private static long growth(LongUnaryOperator mebibytes) {
        ResidentMemory memory = new ResidentMemory();
        for (int round = 0; round < ROUNDS; round++) {
            memory.add(mebibytes.applyAsLong(round) << 20);
        }
        return memory.growth() >> 20;
    }

    @Test
    void aLeakIsTheSumOverAllRoundsButTheFirst() {
        assertEquals(ROUNDS - 1, growth(round -> 600 + round));
    }

    @Test
    void memoryThatIsHeldAfterEveryOtherRoundIsNoLeak() {
        assertEquals(0, growth(round -> 600 + 140 * (round % 2)));
    }

    @Test
    void memoryThatIsHeldAfterRoundsByChanceIsNoLeak() {
        int[] held = {0, 0, 39, 0, 30, 0, 138, 0, 44, 7, 20, 0, 20, 93, 0, 124};
        assertEquals(0, growth(round -> 600 + held[(int) round + held.length - ROUNDS]));
    }

    @Test
    void memoryThatIsAddedOnceIsNoLeak() {
        assertEquals(0, growth(round -> round < 6 ? 600 : 700));
    }

    @Test
    void aLeakShowsBesideMemoryThatIsHeldAfterEveryOtherRound() {
        assertTrue(growth(round -> 600 + 2 * round + 140 * (round % 2)) > ROUNDS);
    }
}
