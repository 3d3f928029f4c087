package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Subject;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.volume.LabelMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Who is learned from and who is kept unseen. Of the phantom there are two folders, and the unseen are scored against their
 * true labels; of real data one fold is held out, and scored against the annotations.
 *
 * @param training the folder that a training is given
 * @param fold the fold that it leaves out; empty if the unseen stand elsewhere
 * @param whole the cohort in which the unseen are
 * @param truth the folder of their true labels; empty if the subjects' own label maps are taken
 */
record DemoCohort(Path training, Optional<FoldChoice> fold, Cohort whole, Optional<Path> truth) {
    /** Of real subjects a fifth is kept unseen at most. */
    private static final int LEAST_FOLDS = 5;

    static DemoCohort of(DemoOptions options, WorkListener listener) {
        if (options.cohort().isPresent()) {
            return real(options.cohort().get(), options.unseen());
        }
        PhantomCohorts made = PhantomCohorts.in(options.out(), options.phantom(), options.unseen(), listener);
        return new DemoCohort(
                made.training(),
                Optional.empty(),
                Cohort.open(made.unseen()),
                Optional.of(PhantomCohorts.truth(made.unseen())));
    }

    private static DemoCohort real(Path folder, int unseen) {
        Cohort cohort = Cohort.open(folder);
        cohort.subjects().stream()
                .filter(subject -> !subject.hasLabels())
                .findFirst()
                .ifPresent(subject -> {
                    throw new InvalidCohortException("subject " + subject.id() + " of " + folder
                            + " has no label map; the demo learns from and scores labelled subjects alone");
                });
        int subjects = cohort.subjects().size();
        if (subjects < 3) {
            throw new InvalidCohortException(folder + ": has " + subjects
                    + " subjects; the demo needs two to learn from and one to score at least");
        }
        int folds = Math.max(Math.min(subjects, LEAST_FOLDS), Math.round((float) subjects / unseen));
        return new DemoCohort(folder, Optional.of(new FoldChoice(1, folds)), cohort, Optional.empty());
    }

    /** The subjects that a training with this recipe does not see. */
    List<Subject> unseen(Recipe recipe) {
        if (fold.isEmpty()) {
            return whole.subjects();
        }
        Set<String> heldOut = new TreeSet<>(
                Folds.of(whole, fold.get().of(), recipe.validation().foldSeed())
                        .fold(fold.get().fold() - 1)
                        .heldOut());
        List<Subject> kept = new ArrayList<>(whole.subjects());
        kept.removeIf(subject -> !heldOut.contains(subject.id()));
        return kept;
    }

    /** The true labels of an unseen subject. */
    LabelMap truth(Subject subject) {
        return truth.map(folder -> Nifti.readLabelMap(folder.resolve(subject.id() + ".nii.gz"), whole.schema()))
                .orElseGet(subject::labels);
    }

    /** Where the references lie, for the evaluation. */
    Path references() {
        return truth.orElse(whole.root());
    }

    /** Makes the folder of a demo. */
    static void claim(Path out) {
        AtomicFiles.createFolder(out);
        try (Stream<Path> entries = Files.list(out)) {
            if (entries.findAny().isPresent()) {
                throw new PreceptorException(
                        out + ": is not empty; name another folder with --out, or remove this one");
            }
        } catch (IOException e) {
            throw new PreceptorException(out + ": cannot be read: " + AtomicFiles.reason(e), e);
        }
    }
}
