package dev.preceptor.train;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Subject;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Decides which subjects of a cohort serve for what, and refuses a cohort that cannot. */
final class Splits {
    private Splits() {}

    /** The same cohort, recipe and fold give the same split. */
    static Split of(Cohort cohort, Recipe recipe, Optional<FoldChoice> fold) {
        List<String> all = cohort.subjects().stream().map(Subject::id).toList();
        List<String> heldOut = List.of();
        List<String> training = all;
        if (fold.isPresent()) {
            Folds.Fold chosen =
                    folds(cohort, recipe, fold.get()).fold(fold.get().fold() - 1);
            heldOut = chosen.heldOut();
            training = chosen.training();
        }
        Validation validation = recipe.validation();
        if (validation.on() == Validation.On.FOLD && fold.isPresent()) {
            return new Split(training, heldOut, heldOut);
        }
        int aside =
                validation.fraction() == 0 ? 0 : (int) Math.max(1, Math.round(validation.fraction() * training.size()));
        List<String> shuffled = new ArrayList<>(training);
        Collections.sort(shuffled);
        Collections.shuffle(shuffled, new Random(new RandomStreams(recipe.seed()).seedFor("inner validation")));
        aside = Math.min(aside, shuffled.size() - 1);
        return new Split(
                shuffled.subList(aside, shuffled.size()).stream().sorted().toList(),
                shuffled.subList(0, aside).stream().sorted().toList(),
                heldOut);
    }

    /** Checks that every subject has what the recipe needs. */
    static void requireTrainable(Cohort cohort, Recipe recipe) {
        cohort.subjects().forEach(subject -> {
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

    private static Folds folds(Cohort cohort, Recipe recipe, FoldChoice fold) {
        if (fold.of() > cohort.subjects().size()) {
            throw new InvalidCohortException(cohort.root() + " has "
                    + cohort.subjects().size() + " subjects, too few for " + fold.of() + " folds");
        }
        return Folds.of(cohort, fold.of(), recipe.seed());
    }
}
