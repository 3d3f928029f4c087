package dev.preceptor.report;

import dev.preceptor.run.TrainingEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** How far a training is, in numbers. Guarded by its owner. */
final class LiveProgress {
    private static final double MEMORY_SECONDS = 30;

    private final LongSupplier nanos;
    private TrainingEvent.PhaseStarted phase;
    private TrainingEvent.Stepped step;
    private TrainingEvent.EpochEnded epoch;
    private String checkpoint = "none yet";
    private final List<String> models = new ArrayList<>();
    private long begun;
    private long before;
    /** Steps and seconds of the last half minute or so, the older the less. */
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
                begun = nanos.getAsLong();
                before = reached(stepped);
            } else {
                double keep = Math.exp(-stepped.seconds() / MEMORY_SECONDS);
                steps = keep * steps + 1;
                seconds = keep * seconds + stepped.seconds();
                waited = keep * waited + stepped.dataWaitSeconds();
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
                        TableCell.text(value, 4)
                                + (validation.containsKey(name)
                                        ? ", validation " + TableCell.text(validation.get(name), 4)
                                        : ""))));
        validation.forEach((name, value) -> {
            if (name.startsWith("dice_")) {
                facts.add(new Page.Fact(name.replace("dice_", "validation Dice "), TableCell.text(value, 3)));
            }
        });
        facts.add(new Page.Fact("learning rate", String.format(Locale.ROOT, "%.3g", step.learningRate())));
        if (seconds > 0) {
            facts.add(new Page.Fact("pace", String.format(Locale.ROOT, "%.2f steps/s", steps / seconds)));
            facts.add(new Page.Fact("waiting for data", String.format(Locale.ROOT, "%.0f %%", 100 * waited / seconds)));
            facts.add(new Page.Fact("to go in this phase", toGo(total)));
        }
        facts.add(new Page.Fact("newest checkpoint", checkpoint));
        if (!models.isEmpty()) {
            facts.add(new Page.Fact("final models", String.join(", ", models)));
        }
        return facts;
    }

    private String toGo(long total) {
        long reached = reached(step);
        if (reached == before) {
            return "not known yet";
        }
        double each = (nanos.getAsLong() - begun) / 1e9 / (reached - before);
        long left = Math.round(each * (total - reached));
        return left < 60
                ? left + " s"
                : String.format(Locale.ROOT, "%d:%02d:%02d", left / 3600, left / 60 % 60, left % 60);
    }

    private static long reached(TrainingEvent.Stepped step) {
        return (long) (step.epoch() - 1) * step.steps() + step.step();
    }
}
