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
 * The training subjects and the unseen subjects of the demo. The phantom has a folder for each, and its unseen subjects are
 * scored against their true labels; of real data one fold is held out and scored against the annotations.
 *
 * @param training folder of the training cohort
 * @param fold the fold that training leaves out; empty if the unseen subjects have a cohort of their own
 * @param whole cohort that contains the unseen subjects
 * @param truth folder of the true labels; empty if the subjects' own label maps are the reference
 */
record DemoCohort(Path training, Optional<FoldChoice> fold, Cohort whole, Optional<Path> truth) {
    /** At most a fifth of the real subjects is held out. */
    private static final int LEAST_FOLDS = 5;

    static DemoCohort of(DemoOptions options, WorkListener listener) {
        if (options.cohort().isPresent()) {
            return real(options.cohort().get(), options.unseen());
        }
        PhantomCohorts cohorts = PhantomCohorts.in(options.out(), options.phantom(), options.unseen(), listener);
        return new DemoCohort(
                cohorts.training(),
                Optional.empty(),
                Cohort.open(cohorts.unseen()),
                Optional.of(PhantomCohorts.truth(cohorts.unseen())));
    }

    private static DemoCohort real(Path folder, int unseen) {
        Cohort cohort = Cohort.open(folder);
        cohort.subjects().stream()
                .filter(subject -> !subject.hasLabels())
                .findFirst()
                .ifPresent(subject -> {
                    throw new InvalidCohortException("subject " + subject.id() + " of " + folder
                            + " has no label map; the demo trains on and scores labelled subjects only");
                });
        int subjects = cohort.subjects().size();
        if (subjects < 3) {
            throw new InvalidCohortException(folder + ": has " + subjects
                    + " subjects; the demo needs at least two to train on and one to score");
        }
        int folds = Math.max(Math.min(subjects, LEAST_FOLDS), Math.round((float) subjects / unseen));
        return new DemoCohort(folder, Optional.of(new FoldChoice(1, folds)), cohort, Optional.empty());
    }

    /** The subjects that a training with this recipe does not use. */
    List<Subject> unseen(Recipe recipe) {
        if (fold.isEmpty()) {
            return whole.subjects();
        }
        Set<String> heldOut = new TreeSet<>(
                Folds.of(whole, fold.get().of(), recipe.validation().foldSeed())
                        .fold(fold.get().fold() - 1)
                        .heldOut());
        List<Subject> unseen = new ArrayList<>(whole.subjects());
        unseen.removeIf(subject -> !heldOut.contains(subject.id()));
        return unseen;
    }

    /** The true labels of an unseen subject. */
    LabelMap truth(Subject subject) {
        return truth.map(folder -> Nifti.readLabelMap(folder.resolve(subject.id() + ".nii.gz"), whole.schema()))
                .orElseGet(subject::labels);
    }

    /** Folder of the references for the evaluation. */
    Path references() {
        return truth.orElse(whole.root());
    }

    /**
     * Makes the folder of a demo.
     *
     * @throws PreceptorException if it is not empty, or cannot be made or read
     */
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
