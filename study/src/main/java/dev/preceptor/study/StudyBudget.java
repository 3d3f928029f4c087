package dev.preceptor.study;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.report.TrainingLog;
import dev.preceptor.run.RunFolder;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.track.EpochRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What the trainings of each arm cost: steps and subjects, from the folders of its finished trials. A reader sees which arms differ
 * in their method alone, and which in their budget too.
 *
 * @param reference the arm whose steps the others are compared with; empty for none
 * @param arms that have a finished trial with its folder
 */
record StudyBudget(String reference, List<ArmBudget> arms) {
    /** What the table holds. */
    static final String NOTE =
            "The budget of one training; two numbers are the least and the most over folds and seeds. A step is one update of the"
                    + " weights. Total steps count shared teachers with each arm that uses them; hours are those of the arm's own steps,"
                    + " without validation and scoring.";

    private static final double SECONDS_PER_HOUR = 3600;

    StudyBudget {
        arms = List.copyOf(arms);
    }

    /** The least and the most over trials. */
    record Range(long least, long most) {
        static Range of(List<Long> values) {
            LongSummaryStatistics all = values.stream().mapToLong(v -> v).summaryStatistics();
            return new Range(all.getMin(), all.getMax());
        }

        TableCell.Words cell() {
            return TableCell.of(least == most ? Long.toString(least) : least + " to " + most)
                    .withOrder(most);
        }
    }

    /**
     * The trainings of an arm.
     *
     * @param studentSteps steps that update the student
     * @param teacherSteps steps of teachers that are trained before the student
     * @param totalSteps the sum of both, trial by trial
     * @param teachers where the teachers come from, in words
     * @param labelled subjects whose images and labels it learns from
     * @param validation subjects that the schedule and the selection depend on
     * @param unlabelled subjects whose images alone it learns from
     * @param hours mean over trials of the time of the arm's own steps
     */
    record ArmBudget(
            String arm,
            Range studentSteps,
            Range teacherSteps,
            Range totalSteps,
            String teachers,
            Range labelled,
            Range validation,
            Range unlabelled,
            double hours) {}

    /** One finished trial. */
    private record Cost(long studentSteps, long teacherSteps, JsonNode split, double seconds) {}

    /**
     * Reads the budgets.
     *
     * @param folder of the study; trials without a folder there are left out
     * @throws dev.preceptor.base.InvalidFileException if a log or a description is damaged
     */
    static StudyBudget of(StudyResult result, Path folder) {
        List<ArmBudget> arms = new ArrayList<>();
        for (Arm arm : result.arms()) {
            List<TrialState> trials = result.cells().stream()
                    .filter(trial -> trial.hasFinished() && trial.arm().equals(arm.name()))
                    .toList();
            List<Cost> costs = new ArrayList<>();
            trials.forEach(trial -> cost(trial, arm, new StudyFolder(folder)).ifPresent(costs::add));
            if (!costs.isEmpty()) {
                arms.add(budget(arm, costs, teachers(arm, result, new StudyFolder(folder), trials)));
            }
        }
        return new StudyBudget(result.subject().isEmpty() ? result.baseline() : result.subject(), arms);
    }

    private static Optional<Cost> cost(TrialState trial, Arm arm, StudyFolder folder) {
        Path run = folder.trial(trial.name());
        if (!Files.exists(run.resolve("run.json"))) {
            return Optional.empty();
        }
        TrainingLog own = TrainingLog.in(run);
        TrainingLog ofTeachers = arm.teachersOf().isEmpty()
                ? own
                : TrainingLog.in(folder.trial(
                        arm.teachersOf() + trial.name().substring(arm.name().length())));
        return Optional.of(new Cost(
                steps(own, true),
                steps(ofTeachers, false),
                JsonFiles.read(run.resolve("run.json")).path("split"),
                own.epochs().stream().mapToDouble(EpochRecord::seconds).sum()));
    }

    private static long steps(TrainingLog log, boolean ofStudent) {
        return log.epochs().stream()
                .filter(epoch -> epoch.role().equals(Series.STUDENT) == ofStudent)
                .mapToLong(EpochRecord::steps)
                .sum();
    }

    private static ArmBudget budget(Arm arm, List<Cost> costs, String teachers) {
        return new ArmBudget(
                arm.name(),
                Range.of(costs.stream().map(Cost::studentSteps).toList()),
                Range.of(costs.stream().map(Cost::teacherSteps).toList()),
                Range.of(costs.stream()
                        .map(cost -> cost.studentSteps() + cost.teacherSteps())
                        .toList()),
                teachers,
                subjects(costs, "training"),
                subjects(costs, "validation"),
                subjects(costs, "unlabelled"),
                costs.stream().mapToDouble(Cost::seconds).average().orElse(Double.NaN) / SECONDS_PER_HOUR);
    }

    private static Range subjects(List<Cost> costs, String use) {
        return Range.of(
                costs.stream().map(cost -> (long) cost.split().path(use).size()).toList());
    }

    private static String teachers(Arm arm, StudyResult result, StudyFolder folder, List<TrialState> trials) {
        if (!arm.teachersOf().isEmpty()) {
            return "shared with " + arm.teachersOf();
        }
        if (result.series().stream().noneMatch(one -> one.arm().equals(arm.name()) && !one.shipped())) {
            return "";
        }
        for (TrialState trial : trials) {
            RunFolder run = new RunFolder(folder.trial(trial.name()));
            if (run.isBegun() && !Recipe.read(run.recipe()).teacherModels().isEmpty()) {
                return "trained before the study";
            }
        }
        boolean areFirst =
                trials.stream().anyMatch(trial -> steps(TrainingLog.in(folder.trial(trial.name())), false) > 0);
        return areFirst ? "" : "trained in the student's steps";
    }

    /** A row for each arm; with a reference arm, whose steps equal those of the reference. */
    Table table() {
        Optional<ArmBudget> compared =
                arms.stream().filter(arm -> arm.arm().equals(reference)).findFirst();
        List<Table.Column> columns = new ArrayList<>(List.of(
                Table.Column.words("arm"),
                Table.Column.numbers("student steps"),
                Table.Column.numbers("teacher steps"),
                Table.Column.numbers("total steps"),
                Table.Column.numbers("labelled subjects"),
                Table.Column.numbers("validation"),
                Table.Column.numbers("unlabelled"),
                Table.Column.numbers("hours")));
        compared.ifPresent(to -> columns.add(Table.Column.words("as many as " + to.arm())));
        List<List<TableCell>> rows = new ArrayList<>();
        for (ArmBudget arm : arms) {
            List<TableCell> row = new ArrayList<>(List.of(
                    TableCell.of(arm.arm()),
                    arm.studentSteps().cell(),
                    arm.teacherSteps().cell().withDetail(arm.teachers()),
                    arm.totalSteps().cell(),
                    arm.labelled().cell(),
                    arm.validation().cell(),
                    arm.unlabelled().cell(),
                    TableCell.of(arm.hours(), 2)));
            compared.ifPresent(to -> row.add(TableCell.of(equality(arm, to))));
            rows.add(row);
        }
        return new Table("Budget of a training", columns, rows);
    }

    private static String equality(ArmBudget arm, ArmBudget to) {
        boolean sameStudent = arm.studentSteps().equals(to.studentSteps());
        boolean sameTotal = arm.totalSteps().equals(to.totalSteps());
        if (arm == to) {
            return "itself";
        }
        if (sameStudent && sameTotal) {
            return "student and total steps";
        }
        return sameStudent ? "student steps" : sameTotal ? "total steps" : "neither";
    }
}
