package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.run.TrainingEvent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
    private final StringWriter written = new StringWriter();
    private long nanos;
    private final TrainingProgress progress =
            new TrainingProgress(new ProgressBar(new PrintWriter(written), 160, () -> nanos));

    @Test
    void aLineHasLossesRateDataWaitAndRemainingTime() {
        begin();
        for (int step = 1; step <= 40; step++) {
            step(step, 2, 0.1);
        }
        String last = last();
        for (String part : List.of("epoch 1/10", "loss 0.500  dice 0.250", "2.0 s/step", "data 5%", "ETA 31:")) {
            assertTrue(last.contains(part), part + " in " + last);
        }
    }

    @Test
    void theWaitOfTheFirstStepIsNotCounted() {
        begin();
        step(1, 60, 58);
        assertTrue(!last().contains("data"), last());
        step(2, 2, 0);
        assertTrue(last().contains("data 0%"), last());
    }

    @Test
    void anEarlierWaitDecays() {
        begin();
        for (int step = 1; step <= 50; step++) {
            step(step, 2, 1);
        }
        assertTrue(last().contains("data 50%"), last());
        for (int step = 51; step <= 100; step++) {
            step(step, 2, 0);
        }
        assertTrue(last().matches(".*data [0-3]%.*"), last());
    }

    private void begin() {
        progress.accept(new TrainingEvent.PhaseStarted("student", 1, 1, 10, 100));
    }

    private void step(int step, double seconds, double waited) {
        nanos += Math.round(seconds * 1e9);
        Map<String, Double> losses = new LinkedHashMap<>();
        losses.put("loss", 0.5);
        losses.put("dice", 0.25);
        progress.accept(new TrainingEvent.Stepped("student", 1, 10, step, 100, losses, 1e-3, seconds, waited));
    }

    private String last() {
        String[] drawn = written.toString().split("\r");
        return drawn[drawn.length - 1];
    }
}
