package dev.preceptor.train;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidRecipeException;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Splits a cohort into training, validation and held-out subjects, and refuses a cohort that cannot be trained on. */
final class Splits {
    private Splits() {}

    /**
     * Reads the whole cohort.
     *
     * @return the summary of the cohort
     * @throws InvalidCohortException if a subject is unusable for another reason than a missing sequence, which {@link
     *     #requireTrainable} checks
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

    /**
     * The split of a cohort; the same cohort, recipe and fold give the same split.
     *
     * @param fold the fold that is held out; empty for none
     */
    static Split of(Cohort cohort, Recipe recipe, Optional<Folds.Fold> fold) {
        List<String> all = cohort.subjects().stream().map(Subject::id).toList();
        List<String> heldOut = List.of();
        List<String> training = all;
        if (fold.isPresent()) {
            heldOut = fold.get().heldOut();
            training = fold.get().training();
        }
        ValidationSettings settings = recipe.validation();
        if (settings.on() == ValidationSettings.On.FOLD && fold.isPresent()) {
            return new Split(training, heldOut, heldOut);
        }
        int validation =
                settings.fraction() == 0 ? 0 : (int) Math.max(1, Math.round(settings.fraction() * training.size()));
        List<String> shuffled = new ArrayList<>(training);
        Collections.sort(shuffled);
        Collections.shuffle(shuffled, new Random(new RandomStreams(recipe.seed()).seedFor("inner validation")));
        validation = Math.min(validation, shuffled.size() - 1);
        if (validation == 0 && settings.monitor() == ValidationSettings.Monitor.DICE) {
            throw new InvalidRecipeException("validation.monitor is DICE, but there are no validation subjects ("
                    + (settings.fraction() == 0 ? "validation.fraction is 0" : "the training has one subject")
                    + "); set validation.monitor=SUPERVISED, or set subjects aside by validation.fraction");
        }
        return new Split(
                shuffled.subList(validation, shuffled.size()).stream().sorted().toList(),
                shuffled.subList(0, validation).stream().sorted().toList(),
                heldOut);
    }

    /**
     * Checks that every subject has the recipe's sequences and a label map, and that there is a region to learn.
     *
     * @throws InvalidCohortException that names the subject
     */
    static void requireTrainable(Cohort cohort, Recipe recipe) {
        if (cohort.schema().regions().isEmpty()) {
            throw new InvalidCohortException(cohort.root() + " has labels " + cohort.schema()
                    + " without a region; nothing can be learned from it");
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

    /**
     * All folds of the cohort. They depend on the recipe's fold seed only, so that runs with other seeds have the same folds.
     *
     * @throws InvalidCohortException if there are more folds than subjects
     */
    static Folds folds(Cohort cohort, Recipe recipe, FoldChoice fold) {
        if (fold.of() > cohort.subjects().size()) {
            throw new InvalidCohortException(cohort.root() + " has "
                    + cohort.subjects().size() + " subjects, too few for " + fold.of() + " folds");
        }
        return Folds.of(cohort, fold.of(), recipe.validation().foldSeed());
    }
}
