package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomRecipe;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A phantom cohort to train on, and one of unseen subjects.
 *
 * @param training folder of the training cohort
 * @param unseen folder of the unseen cohort; it does not exist if there are no unseen subjects
 */
record PhantomCohorts(Path training, Path unseen) {
    /**
     * Makes {@code cohort} and {@code unseen} below a folder, each whole or not at all; an existing one is reused.
     *
     * @param recipe of the training cohort; the unseen subjects have the indices after its own
     * @param unseen count of unseen subjects; 0 for none
     */
    static PhantomCohorts in(Path out, PhantomRecipe recipe, int unseen, WorkListener listener) {
        PhantomCohorts cohorts = at(out);
        make(recipe, cohorts.training(), listener);
        if (unseen > 0) {
            make(
                    recipe.withFirstIndex(recipe.firstIndex() + recipe.subjects())
                            .withSubjects(unseen),
                    cohorts.unseen(),
                    listener);
        }
        return cohorts;
    }

    /** The places of the cohorts below a folder, whether they exist or not. */
    static PhantomCohorts at(Path out) {
        return new PhantomCohorts(out.resolve("cohort"), out.resolve("unseen"));
    }

    /** Folder of the true labels of a cohort. */
    static Path truth(Path cohort) {
        return cohort.resolve(PhantomCohort.CLEAN);
    }

    private static void make(PhantomRecipe recipe, Path folder, WorkListener listener) {
        if (Files.exists(folder)) {
            return;
        }
        String part = "phantom " + folder.getFileName();
        listener.began(part);
        AtomicFiles.writeFolder(
                folder,
                aside -> PhantomCohort.write(
                        recipe,
                        aside,
                        Runtime.getRuntime().availableProcessors(),
                        (id, done, total) -> listener.advanced(part, id, done, total)));
    }
}
