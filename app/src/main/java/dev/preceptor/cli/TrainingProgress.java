package dev.preceptor.cli;

import dev.preceptor.run.TrainingEvent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Shows a training on a progress bar: losses by name and the share of time in which steps wait for data. A permanent line
 * follows at the start and at the end of each phase.
 */
final class TrainingProgress implements Consumer<TrainingEvent> {
    private static final double WAIT_TIME_CONSTANT = 30;

    private final ProgressBar bar;
    private String phase = "";
    private int stepsPerEpoch;
    private int epochs;
    private boolean hasSteps;
    private String validation = "";
    /** Exponentially weighted seconds of steps with a time constant of 30 s; {@link #waited}: those spent waiting for data. */
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
        hasSteps = false;
        spent = 0;
        waited = 0;
        validation = "";
        bar.line(phase + ": phase " + started.phase() + " of " + started.phases() + ", up to " + epochs + " epochs of "
                + stepsPerEpoch + " steps");
    }

    private void step(TrainingEvent.Stepped stepped) {
        long reached = (long) (stepped.epoch() - 1) * stepped.steps() + stepped.step();
        if (!hasSteps) {
            bar.start(phase, "step", reached - 1, (long) stepped.epochs() * stepped.steps());
            hasSteps = true;
        } else {
            // The first step always waits for data and is not counted.
            double decay = Math.exp(-stepped.seconds() / WAIT_TIME_CONSTANT);
            spent = decay * spent + stepped.seconds();
            waited = decay * waited + stepped.dataWaitSeconds();
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
                .filter(e -> e.getKey().startsWith(TrainingEvent.EpochEnded.DICE))
                .collect(Collectors.toMap(
                        e -> e.getKey().replace(TrainingEvent.EpochEnded.DICE, ""),
                        Map.Entry::getValue,
                        (a, b) -> a,
                        LinkedHashMap::new));
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
