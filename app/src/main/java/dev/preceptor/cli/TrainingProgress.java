package dev.preceptor.cli;

import dev.preceptor.run.TrainingEvent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Shows a training on a progress bar: losses by name and the share of the time that steps wait for their batches while a phase
 * runs, a line that stays when it is over.
 */
final class TrainingProgress implements Consumer<TrainingEvent> {
    private static final double WAIT_MEMORY_SECONDS = 30;

    private final ProgressBar bar;
    private String phase = "";
    private int stepsPerEpoch;
    private int epochs;
    private boolean begun;
    private String validation = "";
    /** Seconds of the last half minute or so, the older the less, and those of them that waited for data. */
    private double spent;

    private double waited;

    TrainingProgress(ProgressBar bar) {
        this.bar = bar;
    }

    @Override
    public void accept(TrainingEvent event) {
        if (event instanceof TrainingEvent.PhaseStarted started) {
            begin(started);
        } else if (event instanceof TrainingEvent.Stepped stepped) {
            step(stepped);
        } else if (event instanceof TrainingEvent.EpochEnded ended) {
            epochEnded(ended);
        } else if (event instanceof TrainingEvent.Notice notice) {
            bar.line("preceptor: " + notice.line());
        } else if (event instanceof TrainingEvent.ModelWritten written) {
            bar.line(written.role() + " written to " + written.file());
        }
    }

    private void begin(TrainingEvent.PhaseStarted started) {
        phase = started.role();
        epochs = started.epochs();
        stepsPerEpoch = started.stepsPerEpoch();
        begun = false;
        spent = 0;
        waited = 0;
        validation = "";
        bar.line(phase + ": phase " + started.phase() + " of " + started.phases() + ", up to " + epochs + " epochs of "
                + stepsPerEpoch + " steps");
    }

    private void step(TrainingEvent.Stepped stepped) {
        long reached = (long) (stepped.epoch() - 1) * stepped.steps() + stepped.step();
        if (!begun) {
            bar.start(phase, "step", reached - 1, (long) stepped.epochs() * stepped.steps());
            begun = true;
        } else {
            // Not the first step, which waits until there is any data.
            double keep = Math.exp(-stepped.seconds() / WAIT_MEMORY_SECONDS);
            spent = keep * spent + stepped.seconds();
            waited = keep * waited + stepped.dataWaitSeconds();
        }
        bar.update(
                reached,
                "epoch " + stepped.epoch() + "/" + stepped.epochs() + "  " + figures(stepped.losses()) + validation
                        + dataWait());
    }

    private String dataWait() {
        return spent == 0 ? "" : String.format(Locale.ROOT, "  data %.0f%%", 100 * waited / spent);
    }

    private void epochEnded(TrainingEvent.EpochEnded ended) {
        Map<String, Double> dice = ended.validation().entrySet().stream()
                .filter(e -> e.getKey().startsWith("dice_"))
                .collect(Collectors.toMap(
                        e -> e.getKey().replace("dice_", ""), Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
        validation = dice.isEmpty() ? "" : "  Dice " + figures(dice);
        if (ended.epoch() == epochs) {
            bar.line(phase + ": epoch " + ended.epoch() + ", " + figures(ended.training()) + validation);
        }
    }

    private static String figures(Map<String, Double> values) {
        return values.entrySet().stream()
                .map(e -> e.getKey() + " " + String.format(Locale.ROOT, "%.3f", e.getValue()))
                .collect(Collectors.joining("  "));
    }
}
