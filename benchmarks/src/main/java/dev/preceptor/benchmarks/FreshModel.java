package dev.preceptor.benchmarks;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.UntrainedModel;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes the student of a recipe with fresh weights as a model file: a model of the right size for measurements of time and memory.
 *
 * <p>Arguments: recipe, model file, then overrides of the recipe.
 */
public final class FreshModel {
    private FreshModel() {}

    public static void main(String[] args) {
        Torch.open();
        Recipe recipe = Recipe.load(args[0], Arrays.asList(args).subList(2, args.length));
        UntrainedModel.of(recipe, LabelSpace.BRATS_2018).write(Path.of(args[1]));
    }
}
