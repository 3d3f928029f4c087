package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DurationTextTest {
    @Test
    void durationsAreRounded() {
        assertEquals("1 s", DurationText.of(0.01));
        assertEquals("89 s", DurationText.of(89));
        assertEquals("2 min", DurationText.of(90));
        assertEquals("1 h 40 min", DurationText.of(6010));
        assertEquals("2 h", DurationText.of(2 * 3600 + 100));
        assertEquals("3 d 4 h", DurationText.of(76 * 3600));
    }
}
