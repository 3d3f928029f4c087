package dev.preceptor.study;

import dev.preceptor.base.DurationText;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.data.Sampling;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.table.TextTable;
import dev.preceptor.train.StepTimer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * How long the unfinished trials of a study take: the steps of each arm, times seconds that were measured with a few steps on
 * random data. Trials that stop early take less time; a trial that was interrupted counts as a whole.
 *
 * @param arms that have unfinished trials, in the order of the study
 * @param jobs trials that run at a time
 */
public record StudyForecast(List<ArmForecast> arms, int jobs) {
    /** Validation, predictions and scores; in studies of ten patients they took 16 to 26 % of the time of the steps. */
    private static final double BESIDES_STEPS = 0.2;

    private static final int NAME_WIDTH = 24;
    private static final int COLUMN_WIDTH = 16;

    public StudyForecast {
        arms = List.copyOf(arms);
    }

    /**
     * The unfinished trainings of an arm.
     *
     * @param trainings count of its unfinished trials
     * @param phases of one training, in their order; empty if there is a problem
     * @param problem why the steps could not be measured; empty if they were
     */
    public record ArmForecast(String arm, int trainings, List<StepTimer.PhaseTime> phases, String problem) {
        public ArmForecast {
            phases = List.copyOf(phases);
        }

        /** Seconds of one training with its scores; 0 if there is a problem. */
        public double seconds() {
            return (1 + BESIDES_STEPS)
                    * phases.stream().mapToDouble(StepTimer.PhaseTime::seconds).sum();
        }

        private long steps(boolean ofStudent) {
            return phases.stream()
                    .filter(phase -> phase.role().equals(Series.STUDENT) == ofStudent)
                    .mapToLong(StepTimer.PhaseTime::steps)
                    .sum();
        }
    }

    /**
     * Measures the steps of all arms, which takes seconds for small networks and a minute for large ones.
     *
     * @param toDo unfinished trials
     * @param subjects the number of labelled training subjects of a recipe
     */
    static StudyForecast of(List<Trial> toDo, StepTimer timer, ToIntFunction<Recipe> subjects, int jobs) {
        Map<String, List<Trial>> byArm = new LinkedHashMap<>();
        toDo.forEach(trial ->
                byArm.computeIfAbsent(trial.arm(), arm -> new ArrayList<>()).add(trial));
        List<ArmForecast> arms = new ArrayList<>();
        byArm.forEach((arm, trials) -> arms.add(arm(arm, trials, timer, subjects)));
        return new StudyForecast(arms, jobs);
    }

    private static ArmForecast arm(String arm, List<Trial> trials, StepTimer timer, ToIntFunction<Recipe> subjects) {
        Recipe recipe = trials.get(0).recipe();
        try {
            return new ArmForecast(
                    arm,
                    trials.size(),
                    timer.time(recipe, trials.get(0).owner().map(Trial::recipe), subjects.applyAsInt(recipe)),
                    "");
        } catch (RuntimeException | OutOfMemoryError e) {
            // The trial itself fails with the reason, or does what random data cannot show.
            return new ArmForecast(arm, trials.size(), List.of(), ErrorLine.of(e));
        }
    }

    /**
     * The training subjects of a trial; with one scan for each patient their number differs by at most one between folds.
     *
     * @param labelled count of the labelled subjects that the recipe can use
     */
    static int trainingSubjects(int labelled, FoldPlan folds, Sampling sampling, ValidationSettings validation) {
        int all = folds.count() == 0 ? labelled : labelled - labelled / folds.count();
        int rest = sampling.labelled() == 0 ? all : Math.min(sampling.labelled(), all);
        if (validation.on() == ValidationSettings.On.FOLD && folds.count() > 0) {
            return rest;
        }
        long aside = validation.fraction() == 0 ? 0 : Math.max(1, Math.round(validation.fraction() * rest));
        return (int) Math.max(1, rest - aside);
    }

    /** The number of unfinished trainings. */
    public int trainings() {
        return arms.stream().mapToInt(ArmForecast::trainings).sum();
    }

    /** Seconds of the whole study, without the arms that could not be measured. */
    public double seconds() {
        double sum = arms.stream()
                .mapToDouble(arm -> arm.trainings() * arm.seconds())
                .sum();
        return sum / Math.max(1, Math.min(jobs, trainings()));
    }

    /** One line: trainings, duration, the measured steps, and the arms that are left out. */
    public String line() {
        List<Double> steps = arms.stream()
                .flatMap(arm -> arm.phases().stream())
                .map(StepTimer.PhaseTime::secondsPerStep)
                .sorted()
                .toList();
        String problems = arms.stream()
                .filter(arm -> !arm.problem().isEmpty())
                .map(arm -> arm.arm() + " (" + arm.problem() + ")")
                .collect(Collectors.joining(", "));
        String trainings = trainings() + (trainings() == 1 ? " training" : " trainings");
        if (steps.isEmpty()) {
            return trainings + "; their duration is unknown: " + problems;
        }
        String least = DurationText.seconds(steps.get(0));
        String most = DurationText.seconds(steps.get(steps.size() - 1));
        return trainings + ", about " + DurationText.of(seconds())
                + (jobs > 1 ? " with " + jobs + " jobs" : "")
                + " (" + (least.equals(most) ? least : least + " to " + most) + " s a step measured)"
                + (problems.isEmpty() ? "" : ", without " + problems);
    }

    /** For a terminal: a line for each arm, then {@link #line}. */
    public String text() {
        List<List<TableCell>> rows = new ArrayList<>();
        for (ArmForecast arm : arms) {
            boolean isKnown = arm.problem().isEmpty();
            rows.add(Table.row(
                    TableCell.of(arm.arm()),
                    TableCell.of(arm.trainings()),
                    isKnown ? TableCell.of(arm.steps(true)) : TableCell.of("unknown"),
                    isKnown ? TableCell.of(arm.steps(false)) : TableCell.of("unknown"),
                    TableCell.of(isKnown ? DurationText.of(arm.seconds()) : "unknown")));
        }
        Table table = new Table(
                "Trainings to do",
                List.of(
                        Table.Column.words("arm"),
                        Table.Column.numbers("trainings"),
                        Table.Column.numbers("student steps"),
                        Table.Column.numbers("teacher steps"),
                        Table.Column.numbers("each")),
                rows);
        int width = arms.stream().mapToInt(arm -> arm.arm().length() + 2).reduce(NAME_WIDTH, Math::max);
        return TextTable.of(NumberStyle.PLAIN, width, table.columns().size() - 1, COLUMN_WIDTH)
                        .render(table)
                + line() + "\n";
    }
}
