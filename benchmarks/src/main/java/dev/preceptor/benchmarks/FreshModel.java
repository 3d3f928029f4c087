package dev.preceptor.benchmarks;

import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Scores;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

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
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))) {
            Role student = method.roles().stream()
                    .filter(role -> role.name().equals("student"))
                    .findFirst()
                    .orElseThrow();
            ModelDescription description = new ModelDescription(
                    student.network().spec(),
                    student.inputs(),
                    student.outputs().encoding(),
                    LabelSpace.BRATS_2018,
                    recipe.preprocessing(),
                    recipe.sampling().patchSize(),
                    recipe.overlap(),
                    Map.of("recipe", recipe.hash(), "method", recipe.method()),
                    Scores.NONE);
            ModelFile.of(description, student.network().parameters()).write(Path.of(args[1]));
        }
    }
}
