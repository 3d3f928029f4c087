package dev.preceptor.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in the Javadoc of {@link Recipe}. */
class RecipeExamplesTest {
    @Test
    void aRecipeIsLoadedWithOverridesWrittenAndRead(@TempDir Path folder) {
        Recipe recipe = Recipe.load(
                "kd-net-small", List.of("optimization.epochs=3", "network.widths=[8, 16]", "network.skips=1"));
        recipe.write(folder.resolve("recipe.yaml"));
        Recipe same = Recipe.read(folder.resolve("recipe.yaml"));
        assertEquals(recipe, same);
        assertEquals(3, same.optimization().epochs());
        assertEquals(List.of(8, 16), same.widths());
    }
}
