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

/** The progress of a training in numbers. Not thread-safe: its owner holds a lock. */
final class LiveProgress {
    private static final double AVERAGE_SECONDS = 30;

    private final LongSupplier nanos;
    private TrainingEvent.PhaseStarted phase;
    private TrainingEvent.Stepped step;
    private TrainingEvent.EpochEnded epoch;
    private String checkpoint = "none yet";
    private final List<String> models = new ArrayList<>();
    private long start;
    private long stepsAtStart;
    /** Steps and seconds, in an exponential average over about half a minute. */
    private double steps;

    private double seconds;
    private double waited;

    /** @param nanos a clock, as {@link System#nanoTime()} */
    LiveProgress(LongSupplier nanos) {
        this.nanos = nanos;
    }

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
                start = nanos.getAsLong();
                stepsAtStart = reached(stepped);
            } else {
                double decay = Math.exp(-stepped.seconds() / AVERAGE_SECONDS);
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

    List<Block> blocks() {
        if (phase == null) {
            return List.of(new Block.Note("The cohort is being read."));
        }
        long total = (long) phase.epochs() * phase.stepsPerEpoch();
        String title = phase.role() + ", phase " + phase.phase() + " of " + phase.phases();
        if (step == null) {
            return List.of(new ProgressBlock(title, 0, total, List.of()));
        }
        return List.of(new ProgressBlock(title, reached(step), total, facts(total)));
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
            if (name.startsWith("dice_")) {
                facts.add(
                        new Page.Fact(name.replace("dice_", "validation Dice "), NumberStyle.TYPESET.number(value, 3)));
            }
        });
        facts.add(new Page.Fact("learning rate", String.format(Locale.ROOT, "%.3g", step.learningRate())));
        if (seconds > 0) {
            facts.add(new Page.Fact("pace", String.format(Locale.ROOT, "%.2f steps/s", steps / seconds)));
            facts.add(new Page.Fact("waiting for data", String.format(Locale.ROOT, "%.0f %%", 100 * waited / seconds)));
            facts.add(new Page.Fact("left in this phase", timeLeft(total)));
        }
        facts.add(new Page.Fact("newest checkpoint", checkpoint));
        if (!models.isEmpty()) {
            facts.add(new Page.Fact("final models", String.join(", ", models)));
        }
        return facts;
    }

    private String timeLeft(long total) {
        long reached = reached(step);
        if (reached == stepsAtStart) {
            return "not known yet";
        }
        double each = (nanos.getAsLong() - start) / 1e9 / (reached - stepsAtStart);
        long left = Math.round(each * (total - reached));
        return left < 60
                ? left + " s"
                : String.format(Locale.ROOT, "%d:%02d:%02d", left / 3600, left / 60 % 60, left % 60);
    }

    private static long reached(TrainingEvent.Stepped step) {
        return (long) (step.epoch() - 1) * step.steps() + step.step();
    }
}
