package dev.preceptor.recipe;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Named sets of augmentation settings. {@code augmentation.preset} in a recipe or an override is replaced by the settings of
 * the preset's file; a resolved recipe has no preset.
 */
final class AugmentationPreset {
    private static final String BLOCK = "augmentation";
    private static final String KEY = "preset";
    private static final String NONE = "none";
    private static final List<String> NAMES = List.of(NONE, "nnunet", "mri");

    private AugmentationPreset() {}

    /**
     * Replaces the preset of a recipe, if it names one, by its settings. Other keys of the augmentation block override the
     * preset.
     *
     * @throws InvalidRecipeException if the preset is unknown
     */
    static void expand(ObjectNode recipe) {
        if (!(recipe.get(BLOCK) instanceof ObjectNode given) || !given.has(KEY)) {
            return;
        }
        JsonNode name = given.remove(KEY);
        Settings.require(
                name.isString() && NAMES.contains(name.stringValue()),
                BLOCK + "." + KEY,
                "one of " + String.join(", ", NAMES),
                name);
        ObjectNode settings = settings(name.stringValue());
        Settings.overlay(settings, given);
        recipe.set(BLOCK, settings);
    }

    /** Applies an override to a recipe, in place. A preset in the override replaces the whole augmentation block. */
    static void overlay(ObjectNode recipe, ObjectNode override) {
        if (override.path(BLOCK).has(KEY)) {
            recipe.remove(BLOCK);
            expand(override);
        }
        Settings.overlay(recipe, override);
    }

    private static ObjectNode settings(String name) {
        return name.equals(NONE) ? YamlTree.YAML.createObjectNode() : RecipeLoader.builtIn("augmentation/" + name);
    }
}
