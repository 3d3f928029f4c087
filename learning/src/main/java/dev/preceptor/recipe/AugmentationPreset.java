package dev.preceptor.recipe;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sets of augmentation settings by name: {@code augmentation.preset} in a recipe or an override stands for what its file says.
 * The resolved recipe holds the settings and no preset.
 */
final class AugmentationPreset {
    private static final String BLOCK = "augmentation";
    private static final String KEY = "preset";
    private static final List<String> NAMES = List.of("none", "nnunet", "mri");

    private AugmentationPreset() {}

    /**
     * Replaces the preset of a recipe, if it names one, by its settings; what stands beside it goes first.
     *
     * @throws InvalidRecipeException if there is no such preset
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

    /** Lays an override over a recipe, in place; a preset in it takes the place of all augmentation settings there were. */
    static void overlay(ObjectNode recipe, ObjectNode override) {
        if (override.path(BLOCK).has(KEY)) {
            recipe.remove(BLOCK);
            expand(override);
        }
        Settings.overlay(recipe, override);
    }

    private static ObjectNode settings(String name) {
        if (name.equals(NAMES.get(0))) {
            return YamlTree.YAML.createObjectNode();
        }
        try (InputStream in =
                AugmentationPreset.class.getResourceAsStream("/dev/preceptor/recipes/augmentation/" + name + ".yaml")) {
            return YamlTree.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
