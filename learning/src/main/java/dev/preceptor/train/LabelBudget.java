package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.recipe.Recipe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * The subjects whose labels a training uses, and those of which it uses the images alone, as {@code sampling.labelled} and
 * {@code sampling.unlabelled.subjects} say. With the same seed a larger number of labelled subjects contains a smaller one, and the
 * unlabelled subjects are the same as long as both do not meet.
 *
 * @param labelled ids in ascending order
 * @param unlabelled ids in ascending order
 */
record LabelBudget(List<String> labelled, List<String> unlabelled) {
    /**
     * Draws the subjects.
     *
     * @param labelled ids of the labelled subjects that may be trained on
     * @param unlabelled ids of the subjects without labels
     * @throws InvalidRecipeException if the recipe asks for more subjects than there are
     */
    static LabelBudget of(List<String> labelled, List<String> unlabelled, Recipe recipe) {
        int count = recipe.sampling().labelled();
        if (count > labelled.size()) {
            throw new InvalidRecipeException("sampling.labelled is " + count + ", but the training has "
                    + labelled.size() + " labelled subjects; lower it, or set 0 to use the labels of all");
        }
        RandomStreams random = new RandomStreams(recipe.seed());
        List<String> order = random.shuffled(labelled, "labelled subjects");
        int used = count == 0 ? order.size() : count;
        // From the end, so that the number of labelled subjects changes the unlabelled ones as late as possible.
        List<String> others = new ArrayList<>(order.subList(used, order.size()));
        Collections.reverse(others);
        List<String> candidates = Stream.concat(
                        others.stream(), random.shuffled(unlabelled, "unlabelled subjects").stream())
                .toList();
        return new LabelBudget(
                order.subList(0, used).stream().sorted().toList(),
                candidates.stream()
                        .limit(limit(recipe, candidates.size()))
                        .sorted()
                        .toList());
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
