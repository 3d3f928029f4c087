package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.recipe.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * One of the things that a study compares: a recipe and what is changed in it.
 *
 * @param name names the arm in tables and folders: letters, digits and {@code . _ + -}, at most 60 of them
 * @param recipe a file, or the name of a built-in
 * @param baseline the arm against which this one is told; empty for the study's
 * @param set the settings changed, as a tree or with dots in the keys
 */
public record Arm(String name, String recipe, String baseline, ObjectNode set) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,59}");

    public Arm {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidRecipeException(
                    "the name of an arm is letters, digits and . _ + -, at most 60 of them, not \"" + name + "\"");
        }
        if (recipe.isBlank()) {
            throw new InvalidRecipeException("arm " + name + ": has no recipe; name a built-in or a file");
        }
    }

    /**
     * The recipe of one cell.
     *
     * @param common settings that all arms of the study change
     * @throws InvalidRecipeException in one line that names the arm, if recipe or settings are none
     */
    Recipe resolve(ObjectNode common, long seed) {
        List<String> overrides = new ArrayList<>();
        overrides(common).forEach(overrides::add);
        overrides(set).forEach(overrides::add);
        if (overrides.stream().anyMatch(o -> o.startsWith("seed="))) {
            throw new InvalidRecipeException(
                    "arm " + name + ": sets seed; name the seeds under \"seeds\" of the study");
        }
        overrides.add("seed=" + seed);
        try {
            return Recipe.load(recipe, overrides);
        } catch (InvalidRecipeException e) {
            throw new InvalidRecipeException("arm " + name + ": " + e.getMessage(), e);
        }
    }

    /** As {@code key=value}; JSON is YAML too. */
    private static Stream<String> overrides(ObjectNode tree) {
        return Settings.leaves(tree).entrySet().stream()
                .map(setting -> setting.getKey() + "=" + Settings.line(setting.getValue()));
    }
}
