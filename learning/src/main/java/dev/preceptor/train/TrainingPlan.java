package dev.preceptor.train;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Fingerprint;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Patients;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.cohort.Subject;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.data.Sampling;
import dev.preceptor.distill.Method;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.recipe.TrainingNeeds;
import dev.preceptor.run.Split;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.volume.LabelSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;

/**
 * What a training will do: the result of checking the recipe, its teachers and the cohort against each other. Reading a plan
 * writes nothing.
 *
 * @param planned the recipe with the decisions that it leaves open
 * @param cohort the cohort
 * @param folds all folds; empty if no fold is held out
 * @param split the subjects by use
 * @param leftOut the subjects that the training does not use, by reason
 * @param fingerprint hash of the content of the cohort
 * @param statistics of the subjects that the training uses
 * @param teachers the trained teachers
 * @param trainedOn the subjects of this training and of its trained teachers
 */
record TrainingPlan(
        PlannedRecipe planned,
        Cohort cohort,
        Optional<Folds> folds,
        Split split,
        List<SubjectSelection.LeftOut> leftOut,
        String fingerprint,
        Fingerprint statistics,
        TeacherModels teachers,
        TrainedOn trainedOn) {

    /**
     * Reads the teachers and the whole cohort, after the checks that need neither volumes nor minutes.
     *
     * @param sums sums over the batch of all processes
     * @param processes number of processes that share a batch
     * @param notices receives what the user should know
     * @throws dev.preceptor.base.PreceptorException if recipe, teachers and cohort do not fit together, or the training does not
     *     fit into its memory
     */
    static TrainingPlan read(TrainingJob job, GlobalBatchSum sums, int processes, Consumer<String> notices) {
        Recipe recipe = job.recipe();
        TeacherModels teachers = TeacherModels.read(recipe);
        Recipe checked = PlannedRecipe.resumed(job).orElse(recipe);
        ScanCache cache = ScanCache.ofUser(notices);
        Cohort labelled = Cohort.open(
                job.cohort(),
                job.schema(),
                () -> Preflight.check(checked, LabelSpace.BRATS_2018, teachers, sums, processes),
                cache);
        Cohort cohort = labelled.withUnlabelled(job.unlabelled());
        TrainingNeeds needs = Preflight.check(checked, cohort.schema(), teachers, sums, processes);
        SubjectSelection selection = SubjectSelection.of(cohort, needs);
        selection.requireLabelled(cohort, needs);
        Splits.requireTrainable(cohort, recipe, selection.used());
        job.fold().ifPresent(fold -> Splits.requireEnough(cohort, selection, fold));
        // Folds are drawn by tumour volume; without them the checks of the split come before minutes of reading.
        Optional<CohortSummary> early = job.fold().map(fold -> Splits.requireSound(cohort, selection.used(), cache));
        Optional<Folds> folds = job.fold().map(fold -> Splits.folds(early.orElseThrow(), selection, recipe, fold));
        Split split = Splits.of(
                selection,
                recipe,
                needs.usesUnlabelled(),
                job.fold().map(fold -> folds.orElseThrow().fold(fold.fold() - 1)));
        List<SubjectSelection.LeftOut> leftOut = leftOut(selection, split);
        requireUnlabelled(recipe, needs, cohort, split, notices);
        CohortSummary summary = early.orElseGet(() -> Splits.requireSound(cohort, selection.used(), cache));
        leftOut.forEach(group -> notices.accept(group.line()));
        TrainedOn trainedOn = teachers.trainedOn(notices)
                .and(TrainedOn.of(
                        contents(summary, split.training()),
                        contents(summary, split.validation()),
                        contents(summary, split.unlabelled())));
        trainedOn = StudentStart.trainedOn(recipe).map(trainedOn::and).orElse(trainedOn);
        Splits.requireUnseen(cohort, contents(summary, split.heldOut()), contents(summary, split.unlabelled()));
        Fingerprint statistics = summary.fingerprint().only(selection.used());
        PlannedRecipe planned = PlannedRecipe.of(job, cohort.schema(), statistics, teachers.teachers(), processes);
        if (needs.usesUnlabelled()) {
            requireUnlabelledBatch(planned.recipe(), split);
        }
        return new TrainingPlan(
                planned, cohort, folds, split, leftOut, summary.fingerprint().hash(), statistics, teachers, trainedOn);
    }

    /** Refuses to mix in unlabelled subjects where there are none; a method that does not use them says so. */
    private static void requireUnlabelled(
            Recipe recipe, TrainingNeeds needs, Cohort cohort, Split split, Consumer<String> notices) {
        if (!recipe.sampling().unlabelled().draws()) {
            return;
        }
        if (!needs.usesUnlabelled()) {
            notices.accept("sampling.unlabelled has no effect: " + recipe.method()
                    + " does not learn from subjects without labels");
        } else if (split.unlabelled().isEmpty()) {
            throw new InvalidCohortException(
                    "sampling.unlabelled asks for subjects without labels, but " + cohort.root()
                            + " has none that the recipe can use; add them with --unlabelled DIR, or set sampling.unlabelled to"
                            + " {share: 0, every: 0}");
        } else if (recipe.plan() != Planning.AUTO) {
            requireUnlabelledBatch(recipe, split);
        }
    }

    /** Refuses epochs that end before the first batch of unlabelled patches: batches count anew in each. */
    private static void requireUnlabelledBatch(Recipe recipe, Split split) {
        Sampling sampling = recipe.sampling();
        int accumulate = recipe.optimization().accumulate();
        int batches = TrainingData.stepsPerEpoch(recipe, split.training().size()) * accumulate;
        if (sampling.unlabelled().draws() && sampling.unlabelledBefore(batches) == 0) {
            int every = sampling.unlabelled().every();
            int steps = (every + accumulate) / accumulate;
            throw new InvalidRecipeException("sampling.unlabelled.every is " + every + ", but an epoch has " + batches
                    + (batches == 1 ? " batch" : " batches") + ", so that no unlabelled patch would be drawn; set it"
                    + " below the batches of an epoch, or sampling.stepsPerEpoch to at least " + steps);
        }
    }

    /**
     * Subjects that the cohort cannot offer, those of patients on whom the model is validated or scored, and those that
     * {@code sampling} does not draw.
     */
    private static List<SubjectSelection.LeftOut> leftOut(SubjectSelection selection, Split split) {
        List<String> undrawn = new ArrayList<>(selection.used());
        List.of(split.training(), split.validation(), split.heldOut(), split.unlabelled())
                .forEach(undrawn::removeAll);
        List<String> judged = new ArrayList<>(split.validation());
        judged.addAll(split.heldOut());
        List<String> unrelated = Patients.others(undrawn, judged);
        List<SubjectSelection.LeftOut> leftOut = new ArrayList<>(selection.leftOut());
        List<String> related = new ArrayList<>(undrawn);
        related.removeAll(unrelated);
        if (!related.isEmpty()) {
            leftOut.add(new SubjectSelection.LeftOut(
                    "of patients whose other scans are for validation or held out,", related));
        }
        if (!unrelated.isEmpty()) {
            leftOut.add(new SubjectSelection.LeftOut(
                    "that sampling.labelled and sampling.unlabelled.subjects do not draw,", unrelated));
        }
        return leftOut;
    }

    private static List<SubjectContent> contents(CohortSummary summary, List<String> ids) {
        return summary.contents().stream()
                .filter(content -> ids.contains(content.id()))
                .toList();
    }

    /** Builds the method with its networks. */
    Method build(Device device, GlobalBatchSum sums) {
        return recipe().build(cohort.schema(), teachers.teachers(), device, sums, split.training());
    }

    /** The recipe of the training. */
    Recipe recipe() {
        return planned.recipe();
    }

    /** The subjects with these IDs, in their order. */
    List<Subject> subjects(List<String> ids) {
        return ids.stream().map(cohort::subject).toList();
    }
}
