package dev.preceptor.recipe;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Scores;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.util.List;
import java.util.Map;

/** The model that a recipe describes before any training. Stateless. */
public final class UntrainedModel {
    private UntrainedModel() {}

    /**
     * The student of a recipe with fresh weights, which depend on the seed of the recipe alone.
     *
     * @param labels what it segments
     * @throws InvalidRecipeException if the recipe leaves its networks to a plan or does not suit the labels
     */
    public static ModelFile of(Recipe recipe, LabelSpace labels) {
        if (recipe.plan() == Planning.AUTO) {
            throw new InvalidRecipeException(
                    "plan is AUTO, so that patch and widths follow from a cohort and no network is described;"
                            + " write both and leave plan out, or take the recipe.yaml of a run");
        }
        try (Method method = recipe.build(labels, List.of(), Torch.device("cpu"))) {
            Role student = method.student().orElseThrow();
            ModelDescription description = new ModelDescription(
                    student.network().spec(),
                    student.inputs(),
                    student.outputs().encoding(),
                    labels,
                    recipe.preprocessing(),
                    recipe.sampling().patchSize(),
                    recipe.overlap(),
                    Map.of("recipe", recipe.hash(), "method", recipe.method()),
                    Scores.NONE);
            return ModelFile.of(description, student.network().parameters());
        }
    }
}
