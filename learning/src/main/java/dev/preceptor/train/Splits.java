package dev.preceptor.train;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Patients;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.Split;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Splits a cohort into training, validation and held-out subjects, and refuses a cohort that cannot be trained on. */
final class Splits {
    private Splits() {}

    /**
     * Reads the whole cohort, as far as it is not known.
     *
     * @param used ids of the subjects that the training uses
     * @param cache what is known of the cohort
     * @return the summary of the cohort
     * @throws InvalidCohortException if a used subject is unusable for another reason than a sequence that the recipe does
     *     not need
     */
    static CohortSummary requireSound(Cohort cohort, Collection<String> used, ScanCache cache) {
        CohortSummary summary = CohortSummary.of(cohort, cache);
        summary.problems().stream()
                .filter(problem ->
                        problem.unusable() && !problem.isMissingSequence() && used.contains(problem.subject()))
                .findFirst()
                .ifPresent(problem -> {
                    throw new InvalidCohortException("subject " + problem.subject() + " of " + cohort.root() + ": "
                            + problem.text() + "; \"preceptor cohort\" names every problem");
                });
        return summary;
    }

    /**
     * The split of the selected subjects; the same subjects, recipe and fold give the same split. All scans of a patient are on one
     * side: the images of a patient on whom the model is validated or scored are not learned from.
     *
     * @param usesUnlabelled whether the training learns from subjects without labels
     * @param fold the fold that is held out; empty for none
     * @throws InvalidRecipeException if the recipe asks for more labelled subjects than there are
     */
    static Split of(SubjectSelection selection, Recipe recipe, boolean usesUnlabelled, Optional<Folds.Fold> fold) {
        List<String> heldOut = fold.map(Folds.Fold::heldOut).orElse(List.of());
        LabelBudget budget = LabelBudget.of(fold.map(Folds.Fold::training).orElse(selection.labelled()), recipe);
        boolean isOnFold = recipe.validation().on() == ValidationSettings.On.FOLD && fold.isPresent();
        List<String> validation = isOnFold ? heldOut : innerValidation(budget.labelled(), recipe);
        List<String> judged =
                Stream.concat(validation.stream(), heldOut.stream()).toList();
        List<String> unlabelled = budget.unlabelled(Patients.others(selection.unlabelled(), judged), recipe);
        return new Split(
                Patients.others(budget.labelled(), validation),
                validation,
                heldOut,
                usesUnlabelled ? unlabelled : List.of());
    }

    private static List<String> innerValidation(List<String> labelled, Recipe recipe) {
        double fraction = recipe.validation().fraction();
        List<List<String>> patients =
                Patients.of(labelled).shuffled(new RandomStreams(recipe.seed()), "inner validation");
        int count = fraction == 0 ? 0 : (int) Math.max(1, Math.round(fraction * patients.size()));
        count = Math.min(count, patients.size() - 1);
        if (count == 0 && recipe.validation().monitor() == ValidationSettings.Monitor.DICE) {
            throw new InvalidRecipeException("validation.monitor is DICE, but there are no validation subjects ("
                    + (fraction == 0 ? "validation.fraction is 0" : "the training has one patient")
                    + "); set validation.monitor=SUPERVISED, or set subjects aside by validation.fraction");
        }
        return patients.subList(0, count).stream()
                .flatMap(List::stream)
                .sorted()
                .toList();
    }

    /**
     * Checks that the files of the used subjects can be used, and that there is a region to learn.
     *
     * @param used ids of the subjects that the training uses
     * @throws InvalidCohortException that names the subject
     */
    static void requireTrainable(Cohort cohort, Recipe recipe, Collection<String> used) {
        if (cohort.schema().regions().isEmpty()) {
            throw new InvalidCohortException(cohort.root() + " has labels " + cohort.schema()
                    + " without a region; nothing can be learned from it");
        }
        cohort.only(used)
                .subjects()
                .forEach(subject -> Stream.concat(
                                recipe.sequences().stream().flatMap(s -> subject.faults().of(s).stream()),
                                subject.faults().labels().stream())
                        .findFirst()
                        .ifPresent(fault -> {
                            throw new InvalidCohortException(
                                    "subject " + subject.id() + " of " + cohort.root() + ": " + fault);
                        }));
    }

    /**
     * Checks that no held-out subject is among the unlabelled ones under another id.
     *
     * @throws InvalidCohortException that names both
     */
    static void requireUnseen(Cohort cohort, List<SubjectContent> heldOut, List<SubjectContent> unlabelled) {
        for (SubjectContent subject : unlabelled) {
            heldOut.stream()
                    .filter(other -> other.shares(subject.hashes()))
                    .findFirst()
                    .ifPresent(other -> {
                        throw new InvalidCohortException("the unlabelled subject " + subject.id()
                                + " has the voxels of subject " + other.id() + " of " + cohort.root()
                                + ", which is held out; remove it, because a score on a subject whose images were learned from"
                                + " is optimistic");
                    });
        }
    }

    /** @throws InvalidCohortException if there are more folds than patients with labelled subjects */
    static void requireEnough(Cohort cohort, SubjectSelection selection, FoldChoice fold) {
        Patients usable = Patients.of(selection.labelled());
        if (fold.of() > usable.count()) {
            throw new InvalidCohortException(cohort.root() + " has " + usable.counted("labelled subjects")
                    + " that the recipe can use, too few for " + fold.of() + " folds");
        }
    }

    /**
     * All folds of the labelled subjects that the training uses. They depend on these subjects and on the recipe's fold
     * seed only, so that runs with other seeds have the same folds.
     *
     * @param summary of a cohort whose used subjects are sound, with the volumes by which folds are drawn
     */
    static Folds folds(CohortSummary summary, SubjectSelection selection, Recipe recipe, FoldChoice fold) {
        Map<String, Double> volumes = new TreeMap<>(summary.foregroundMl());
        volumes.keySet().retainAll(selection.labelled());
        return Folds.of(volumes, fold.of(), recipe.validation().foldSeed());
    }
}
