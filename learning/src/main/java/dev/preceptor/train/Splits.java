package dev.preceptor.train;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Subject;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.Split;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Tissue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Decides which subjects of a cohort serve for what, and refuses a cohort that cannot. */
final class Splits {
    private Splits() {}

    /**
     * Reads the whole cohort.
     *
     * @return what it looks like
     * @throws InvalidCohortException if a subject cannot be trained on, other than by lacking a sequence nobody needs
     */
    static CohortSummary requireSound(Cohort cohort) {
        CohortSummary summary = CohortSummary.of(cohort);
        summary.problems().stream()
                .filter(problem -> problem.unusable() && !problem.isMissingSequence())
                .findFirst()
                .ifPresent(problem -> {
                    throw new InvalidCohortException("subject " + problem.subject() + " of " + cohort.root() + ": "
                            + problem.text() + "; \"preceptor cohort\" names every problem");
                });
        return summary;
    }

    /** The same cohort, recipe and fold give the same split. */
    static Split of(Cohort cohort, Recipe recipe, Optional<Folds.Fold> fold) {
        List<String> all = cohort.subjects().stream().map(Subject::id).toList();
        List<String> heldOut = List.of();
        List<String> training = all;
        if (fold.isPresent()) {
            heldOut = fold.get().heldOut();
            training = fold.get().training();
        }
        ValidationSettings validationSettings = recipe.validation();
        if (validationSettings.on() == ValidationSettings.On.FOLD && fold.isPresent()) {
            return new Split(training, heldOut, heldOut);
        }
        int aside = validationSettings.fraction() == 0
                ? 0
                : (int) Math.max(1, Math.round(validationSettings.fraction() * training.size()));
        List<String> shuffled = new ArrayList<>(training);
        Collections.sort(shuffled);
        Collections.shuffle(shuffled, new Random(new RandomStreams(recipe.seed()).seedFor("inner validation")));
        aside = Math.min(aside, shuffled.size() - 1);
        return new Split(
                shuffled.subList(aside, shuffled.size()).stream().sorted().toList(),
                shuffled.subList(0, aside).stream().sorted().toList(),
                heldOut);
    }

    /** Checks that every subject has what the recipe needs, and labels that say what a network learns. */
    static void requireTrainable(Cohort cohort, Recipe recipe) {
        for (Tissue tissue : List.of(Tissue.NCR, Tissue.ED, Tissue.ET)) {
            if (cohort.schema().valueOf(tissue).isEmpty()) {
                throw new InvalidCohortException(cohort.root() + " has labels " + cohort.schema() + " without " + tissue
                        + "; WT, TC and ET cannot be learned from it");
            }
        }
        cohort.subjects().forEach(subject -> {
            Stream.concat(
                            recipe.sequences().stream().flatMap(s -> subject.faults().of(s).stream()),
                            subject.faults().labels().stream())
                    .findFirst()
                    .ifPresent(fault -> {
                        throw new InvalidCohortException(
                                "subject " + subject.id() + " of " + cohort.root() + ": " + fault);
                    });
            List<Sequence> missing = subject.missing(recipe.sequences());
            if (!missing.isEmpty()) {
                throw new InvalidCohortException("subject " + subject.id() + " of " + cohort.root()
                        + " has no " + missing.get(0) + ", which the recipe needs; remove the subject or"
                        + " choose other sequences");
            }
            if (!subject.hasLabels()) {
                throw new InvalidCohortException("subject " + subject.id() + " of " + cohort.root()
                        + " has no label map; training needs one for each subject");
            }
        });
    }

    /** All folds of which one is held out; a seed of their own draws them, so that runs with other seeds share them. */
    static Folds folds(Cohort cohort, Recipe recipe, FoldChoice fold) {
        if (fold.of() > cohort.subjects().size()) {
            throw new InvalidCohortException(cohort.root() + " has "
                    + cohort.subjects().size() + " subjects, too few for " + fold.of() + " folds");
        }
        return Folds.of(cohort, fold.of(), recipe.validation().foldSeed());
    }
}
