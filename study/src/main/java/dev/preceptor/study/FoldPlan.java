package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.run.FoldChoice;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The folds of a study.
 *
 * @param count of folds into which the cohort is divided, 2 or more; 0 for none
 * @param run numbers of the folds that are held out, one after another, from 1; empty for all
 */
public record FoldPlan(int count, List<Integer> run) {
    public FoldPlan {
        run = List.copyOf(run);
        if (count < 0 || count == 1) {
            throw new InvalidRecipeException("folds.count must be 2 or more, or 0 for no folds, not " + count);
        }
        for (int fold : run) {
            if (fold < 1 || fold > count) {
                throw new InvalidRecipeException(
                        "folds.run names fold " + fold + ", but there are folds 1 to " + count + " (folds.count)");
            }
        }
        if (new HashSet<>(run).size() != run.size()) {
            throw new InvalidRecipeException("folds.run names a fold twice: " + run);
        }
    }

    /** The folds that are held out; empty if there are none. */
    public List<FoldChoice> choices() {
        List<Integer> folds =
                run.isEmpty() ? IntStream.rangeClosed(1, count).boxed().toList() : run;
        return folds.stream().map(fold -> new FoldChoice(fold, count)).toList();
    }
}
