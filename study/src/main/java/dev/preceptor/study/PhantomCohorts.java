package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomRecipe;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A phantom cohort to learn from, and one of subjects that no training sees.
 *
 * @param training the folder of the first
 * @param unseen the folder of the second; absent if nobody was to be unseen
 */
record PhantomCohorts(Path training, Path unseen) {
    /**
     * Makes {@code cohort} and {@code unseen} under a folder, each whole or not at all; one that is there is kept.
     *
     * @param recipe those to learn from; the unseen are the subjects that follow them
     */
    static PhantomCohorts in(Path out, PhantomRecipe recipe, int unseen, WorkListener listener) {
        PhantomCohorts cohorts = new PhantomCohorts(out.resolve("cohort"), out.resolve("unseen"));
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

    /** The true labels of a cohort's subjects. */
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
