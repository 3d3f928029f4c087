package dev.preceptor.train;

import dev.preceptor.base.DurationText;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.plan.Plan;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a training needs, found without training: patch, depth, batch and memory, and the time of its steps on this machine.
 *
 * @param planned the recipe with every decision that it leaves open, and its estimated memory where that is known
 * @param threads for each operation of libtorch when the steps were measured
 * @param phases steps of each phase with the measured time of a step; empty if there is a problem
 * @param problem why no step was measured; empty if steps were
 */
public record TrainingPreview(PlannedRecipe planned, int threads, List<StepTimer.PhaseTime> phases, String problem) {
    public TrainingPreview {
        phases = List.copyOf(phases);
    }

    /** Estimates the memory and measures a few steps of each phase on random data. */
    static TrainingPreview of(TrainingPlan plan, TrainingJob job) {
        PlannedRecipe planned = PlannedRecipe.estimated(
                plan.planned(),
                job,
                plan.cohort().schema(),
                plan.statistics(),
                plan.teachers().teachers());
        int threads = Torch.threads();
        if (planned.plan().filter(estimate -> !estimate.fits()).isPresent()) {
            return new TrainingPreview(planned, threads, List.of(), "it does not fit into the memory of this machine");
        }
        try {
            StepTimer timer = new StepTimer(plan.cohort().schema(), job.device());
            return new TrainingPreview(
                    planned,
                    threads,
                    timer.time(
                            planned.recipe(),
                            Optional.empty(),
                            plan.split().training().size()),
                    "");
        } catch (RuntimeException | OutOfMemoryError e) {
            return new TrainingPreview(planned, threads, List.of(), ErrorLine.of(e));
        }
    }

    /** Seconds of all steps, if no phase stops early; 0 if there is a problem. */
    public double seconds() {
        return phases.stream().mapToDouble(StepTimer.PhaseTime::seconds).sum();
    }

    /** For a terminal: the plan with its memory, and the time with its steps. */
    public List<String> lines() {
        String memory = planned.plan()
                .map(Plan::toString)
                .orElse("memory is unknown: libtorch does not report that of a GPU; give memory=GIB for an estimate");
        return List.of(memory, problem.isEmpty() ? time() : "time is unknown: " + problem);
    }

    private String time() {
        return "about " + DurationText.of(seconds()) + " of steps on this machine, " + threads
                + (threads == 1 ? " thread" : " threads") + ": "
                + phases.stream()
                        .map(phase -> String.format(
                                Locale.ROOT,
                                "%s %d of %s s",
                                phase.role(),
                                phase.steps(),
                                DurationText.seconds(phase.secondsPerStep())))
                        .collect(Collectors.joining(", "))
                + "; validation and the final stage come on top, and a phase may stop early";
    }
}
