package dev.preceptor.study;

import dev.preceptor.html.Block;
import dev.preceptor.html.ColorRole;
import dev.preceptor.html.StepCurves;
import dev.preceptor.report.TrainingLog;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.statistics.Spread;
import dev.preceptor.track.EpochRecord;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * How fast the students of a study learn: Dice on the validation subjects over steps, the mean and the range over the trials of
 * each arm.
 *
 * @param result of the study
 * @param logs of the trials, by name
 */
record StudyConvergence(StudyResult result, Map<String, TrainingLog> logs) {
    private static final String DICE = TrainingEvent.EpochEnded.DICE;

    /** A panel for each arm; empty if no training was validated by Dice. */
    List<Block> blocks() {
        Set<String> regions = new LinkedHashSet<>();
        logs.values().forEach(log -> regions.addAll(log.scoredRegions()));
        if (regions.isEmpty()) {
            return List.of();
        }
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Note(
                "Dice of the student on the validation subjects of its training, the mean over regions, by steps of the student: the"
                        + " line is the mean over seeds and folds, the band their range. Grey is the baseline of the arm. Validation"
                        + " subjects differ between folds and seeds, and they select the weights: compare the speed here, and the"
                        + " level in the scores."));
        blocks.add(curves(validation -> Spread.of(regions.stream()
                        .map(region -> validation.getOrDefault(DICE + region, Double.NaN))
                        .toList())
                .mean()));
        if (regions.size() > 1) {
            for (String region : regions) {
                blocks.add(new Block.Details(
                        "Convergence, " + region,
                        false,
                        List.of(curves(validation -> validation.getOrDefault(DICE + region, Double.NaN)))));
            }
        }
        return blocks;
    }

    private StepCurves curves(ToDoubleFunction<Map<String, Double>> dice) {
        List<StepCurves.Panel> panels = new ArrayList<>();
        for (Arm arm : result.arms()) {
            List<StepCurves.Line> lines = new ArrayList<>();
            String baseline = result.baselineOf(arm.name());
            if (!baseline.isEmpty()) {
                lines.add(line(baseline, ColorRole.BASELINE, dice));
            }
            lines.add(line(arm.name(), ColorRole.STUDENT, dice));
            panels.add(new StepCurves.Panel(arm.name(), lines));
        }
        return new StepCurves(panels);
    }

    private StepCurves.Line line(String arm, ColorRole role, ToDoubleFunction<Map<String, Double>> dice) {
        List<List<EpochRecord>> trials = result.cells().stream()
                .filter(trial -> trial.arm().equals(arm) && logs.containsKey(trial.name()))
                .map(trial -> logs.get(trial.name()).of(Series.STUDENT))
                .toList();
        int longest = trials.stream().mapToInt(List::size).max().orElse(0);
        double[] steps = new double[trials.size()];
        List<StepCurves.Point> points = new ArrayList<>();
        for (int epoch = 0; epoch < longest; epoch++) {
            List<Double> reached = new ArrayList<>();
            List<Double> values = new ArrayList<>();
            for (int i = 0; i < trials.size(); i++) {
                if (epoch < trials.get(i).size()) {
                    EpochRecord one = trials.get(i).get(epoch);
                    steps[i] += one.steps();
                    reached.add(steps[i]);
                    values.add(dice.applyAsDouble(one.validation()));
                }
            }
            List<Double> present = values.stream().filter(Double::isFinite).toList();
            if (!present.isEmpty()) {
                points.add(new StepCurves.Point(
                        Spread.of(reached).mean(),
                        Spread.of(present).mean(),
                        present.stream().mapToDouble(v -> v).min().orElseThrow(),
                        present.stream().mapToDouble(v -> v).max().orElseThrow()));
            }
        }
        return new StepCurves.Line(arm, role, points);
    }
}
