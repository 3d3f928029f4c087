package dev.preceptor.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class InverseAxisMapTest {
    @Test
    void aCropWithoutResamplingIsConsecutive() {
        InverseAxisMap map = InverseAxisMap.of(8, 1, 8, 2, 6, new int[] {0, 1, 2, 3});
        assertArrayEquals(new int[] {2, 3, 4, 5}, map.inside());
        assertTrue(map.isExact() && map.isConsecutive());
    }

    @Test
    void voxelsBeyondTheLastOneThatIsOnTheModelGridAreNotConsecutive() {
        InverseAxisMap map = InverseAxisMap.of(8, 1, 8, 2, 6, new int[] {0, 1});
        assertTrue(map.isExact());
        assertFalse(map.isConsecutive());
    }

    @Test
    void aCropBetweenTheCentresOfThickSlicesHasNoVoxelAndIsNotConsecutive() {
        InverseAxisMap map = InverseAxisMap.of(2, 0.2, 10, 0, 1, new int[] {0});
        assertArrayEquals(new int[0], map.inside());
        assertTrue(map.isExact());
        assertFalse(map.isConsecutive());
    }
}
