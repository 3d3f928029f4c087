package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Patients;
import dev.preceptor.recipe.Recipe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * The subjects whose labels a training uses, and those of which it may use the images alone, as {@code sampling.labelled} and
 * {@code sampling.unlabelled.subjects} say. Labels are kept patient by patient: the last patient may keep those of some scans, and its
 * other scans are not used. With the same seed a larger number of labelled subjects contains a smaller one, and the unlabelled subjects
 * are the same as long as both do not meet.
 *
 * @param labelled ids in ascending order
 * @param others ids of the labelled subjects of other patients, in the order in which their images are used
 */
record LabelBudget(List<String> labelled, List<String> others) {
    /**
     * Draws the subjects whose labels are used.
     *
     * @param labelled ids of the labelled subjects that may be trained on
     * @throws InvalidRecipeException if the recipe asks for more subjects than there are
     */
    static LabelBudget of(List<String> labelled, Recipe recipe) {
        int count = recipe.sampling().labelled();
        if (count > labelled.size()) {
            throw new InvalidRecipeException("sampling.labelled is " + count + ", but the training has "
                    + labelled.size() + " labelled subjects; lower it, or set 0 to use the labels of all");
        }
        List<String> order =
                Patients.of(labelled).shuffled(new RandomStreams(recipe.seed()), "labelled subjects").stream()
                        .flatMap(List::stream)
                        .toList();
        int used = count == 0 ? order.size() : count;
        List<String> drawn = order.subList(0, used);
        // From the end, so that the number of labelled subjects changes the unlabelled ones as late as possible.
        List<String> others = new ArrayList<>(Patients.others(order.subList(used, order.size()), drawn));
        Collections.reverse(others);
        return new LabelBudget(drawn.stream().sorted().toList(), List.copyOf(others));
    }

    /**
     * Draws the subjects of which the images alone are used.
     *
     * @param unlabelled ids of the subjects without labels that may be used
     * @return ids in ascending order
     * @throws InvalidRecipeException if the recipe asks for more subjects than there are
     */
    List<String> unlabelled(List<String> unlabelled, Recipe recipe) {
        List<String> candidates = Stream.concat(
                        others.stream(),
                        new RandomStreams(recipe.seed()).shuffled(unlabelled, "unlabelled subjects").stream())
                .toList();
        return candidates.stream()
                .limit(limit(recipe, candidates.size()))
                .sorted()
                .toList();
    }

    private static int limit(Recipe recipe, int available) {
        int asked = recipe.sampling().unlabelled().subjects();
        if (asked > available && recipe.sampling().unlabelled().draws()) {
            throw new InvalidRecipeException("sampling.unlabelled.subjects is " + asked + ", but there are " + available
                    + " subjects to learn from without labels; lower it, or set 0 to use all");
        }
        return asked == 0 ? available : asked;
    }
}
