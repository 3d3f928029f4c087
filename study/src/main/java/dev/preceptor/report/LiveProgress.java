package dev.preceptor.report;

import dev.preceptor.html.Block;
import dev.preceptor.html.Page;
import dev.preceptor.html.ProgressBlock;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.table.NumberStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** The progress of a training: epoch, step, losses, speed and remaining time. Not thread-safe; {@link LivePage} guards it. */
final class LiveProgress {
    private static final double AVERAGING_SECONDS = 30;

    private final LongSupplier nanos;
    private TrainingEvent.PhaseStarted phase;
    private TrainingEvent.Stepped step;
    private TrainingEvent.EpochEnded epoch;
    private String checkpoint = "none yet";
    private final List<String> models = new ArrayList<>();
    private long firstStepNanos;
    private long firstStep;
    /** Exponentially weighted sums over the last steps, with a time constant of {@link #AVERAGING_SECONDS}. */
    private double steps;

    private double seconds;
    private double waited;

    /** @param nanos a clock such as {@link System#nanoTime()} */
    LiveProgress(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Updates the progress. */
    void accept(TrainingEvent event) {
        if (event instanceof TrainingEvent.PhaseStarted started) {
            phase = started;
            step = null;
            epoch = null;
            steps = 0;
            seconds = 0;
            waited = 0;
        } else if (event instanceof TrainingEvent.Stepped stepped) {
            if (step == null) {
                firstStepNanos = nanos.getAsLong();
                firstStep = stepsDone(stepped);
            } else {
                double decay = Math.exp(-stepped.seconds() / AVERAGING_SECONDS);
                steps = decay * steps + 1;
                seconds = decay * seconds + stepped.seconds();
                waited = decay * waited + stepped.dataWaitSeconds();
            }
            step = stepped;
        } else if (event instanceof TrainingEvent.EpochEnded ended) {
            epoch = ended;
        } else if (event instanceof TrainingEvent.CheckpointWritten written) {
            checkpoint = String.valueOf(written.folder().getFileName());
        } else if (event instanceof TrainingEvent.ModelWritten written) {
            models.add(String.valueOf(written.file().getFileName()));
        }
    }

    /** The blocks of the page. */
    List<Block> blocks() {
        if (phase == null) {
            return List.of(new Block.Note("Reading the cohort."));
        }
        long total = (long) phase.epochs() * phase.stepsPerEpoch();
        String title = phase.role() + ", phase " + phase.phase() + " of " + phase.phases();
        if (step == null) {
            return List.of(new ProgressBlock(title, 0, total, List.of()));
        }
        return List.of(new ProgressBlock(title, stepsDone(step), total, facts(total)));
    }

    private List<Page.Fact> facts(long total) {
        List<Page.Fact> facts = new ArrayList<>();
        facts.add(new Page.Fact("epoch", step.epoch() + " of " + step.epochs()));
        facts.add(new Page.Fact("step", step.step() + " of " + step.steps()));
        Map<String, Double> validation = epoch == null ? Map.of() : epoch.validation();
        step.losses()
                .forEach((name, value) -> facts.add(new Page.Fact(
                        name,
                        NumberStyle.TYPESET.number(value, 4)
                                + (validation.containsKey(name)
                                        ? ", validation " + NumberStyle.TYPESET.number(validation.get(name), 4)
                                        : ""))));
        validation.forEach((name, value) -> {
            if (name.startsWith(TrainingEvent.EpochEnded.DICE)) {
                facts.add(new Page.Fact(
                        name.replace(TrainingEvent.EpochEnded.DICE, "validation Dice "),
                        NumberStyle.TYPESET.number(value, 3)));
            }
        });
        facts.add(new Page.Fact("learning rate", String.format(Locale.ROOT, "%.3g", step.learningRate())));
        if (seconds > 0) {
            facts.add(new Page.Fact("speed", String.format(Locale.ROOT, "%.2f steps/s", steps / seconds)));
            facts.add(new Page.Fact("waiting for data", String.format(Locale.ROOT, "%.0f %%", 100 * waited / seconds)));
            facts.add(new Page.Fact("remaining in this phase", remaining(total)));
        }
        facts.add(new Page.Fact("newest checkpoint", checkpoint));
        if (!models.isEmpty()) {
            facts.add(new Page.Fact("final models", String.join(", ", models)));
        }
        return facts;
    }

    private String remaining(long total) {
        long done = stepsDone(step);
        if (done == firstStep) {
            return "unknown";
        }
        double secondsPerStep = (nanos.getAsLong() - firstStepNanos) / 1e9 / (done - firstStep);
        long left = Math.round(secondsPerStep * (total - done));
        return left < 60
                ? left + " s"
                : String.format(Locale.ROOT, "%d:%02d:%02d", left / 3600, left / 60 % 60, left % 60);
    }

    private static long stepsDone(TrainingEvent.Stepped step) {
        return (long) (step.epoch() - 1) * step.steps() + step.step();
    }
}
