package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final StringWriter written = new StringWriter();
    private long nanos;

    private ProgressBar bar(int columns) {
        return new ProgressBar(new PrintWriter(written), columns, () -> nanos);
    }

    private void passSeconds(double seconds) {
        nanos += Math.round(seconds * 1e9);
    }

    @Nested
    class OnATerminal {
        @Test
        void drawsOneLineWithinTheWidthOfTheTerminal() {
            ProgressBar bar = bar(60);
            bar.start("student", "step", 0, 100);
            for (int i = 1; i <= 100; i++) {
                passSeconds(0.5);
                bar.update(i, "loss 0.412  dice 0.310");
            }
            for (String drawn : written.toString().split("\r")) {
                assertTrue(drawn.replace("\u001b[K", "").length() < 60, drawn);
            }
            assertTrue(!written.toString().contains("\n"), "one line");
        }

        @Test
        void drawsAtMostTenTimesASecond() {
            ProgressBar bar = bar(80);
            bar.start("student", "step", 0, 1_000_000);
            for (int i = 1; i <= 1000; i++) {
                passSeconds(0.001);
                bar.update(i, "");
            }
            int drawn = written.toString().split("\r", -1).length - 1;
            assertTrue(drawn >= 9 && drawn <= 11, drawn + " times");
        }

        @Test
        void aPermanentLineReplacesTheBar() {
            ProgressBar bar = bar(80);
            bar.start("student", "step", 0, 10);
            passSeconds(1);
            bar.update(1, "");
            bar.line("done");
            assertTrue(written.toString().endsWith("\r\u001b[Kdone" + System.lineSeparator()), written.toString());
        }
    }

    @Nested
    class Elsewhere {
        @Test
        void printsPlainLinesEveryFifteenSeconds() {
            ProgressBar bar = bar(0);
            bar.start("student", "step", 0, 600);
            for (int i = 1; i <= 60; i++) {
                passSeconds(1);
                bar.update(i, "loss 0.412");
            }
            assertEquals(4, written.toString().lines().count());
            assertTrue(written.toString().lines().allMatch(l -> l.startsWith("student ") && l.contains("loss 0.412")));
        }
    }

    @Test
    void theRemainingTimeFollowsFromTheMeanRateSinceTheStart() {
        ProgressBar bar = bar(0);
        bar.start("student", "step", 50, 100);
        passSeconds(20);
        bar.update(60, "");
        assertTrue(written.toString().contains("60/100"), written.toString());
        assertTrue(written.toString().contains("2.0 s/step"), written.toString());
        assertTrue(written.toString().contains("ETA 1:20"), written.toString());
    }

    @Test
    void durationsAreSecondsMinutesOrHours() {
        assertEquals("42 s", ProgressBar.duration(42.2));
        assertEquals("3:07", ProgressBar.duration(187));
        assertEquals("1:02:03", ProgressBar.duration(3723));
    }
}
