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
 * One side of a comparison: a recipe and the settings that are changed in it.
 *
 * @param name names the arm in tables and folders: letters, digits and {@code . _ + -}, at most 60 of them
 * @param recipe a file, or the name of a built-in
 * @param baseline the arm with which this one is compared; empty for that of the study
 * @param teachersOf the arm whose trials train the teachers of this one; empty if this arm has or trains its own
 * @param control what a comparison with this arm controls for, such as "more steps"; at most 60 characters; empty if the arm is no
 *     control
 * @param set the changed settings, as a tree or with dots in the keys
 */
public record Arm(String name, String recipe, String baseline, String teachersOf, String control, ObjectNode set) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,59}");
    private static final int LONGEST_CONTROL = 60;

    public Arm {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidRecipeException(
                    "the name of an arm is letters, digits and . _ + -, at most 60 of them, not \"" + name + "\"");
        }
        if (recipe.isBlank()) {
            throw new InvalidRecipeException("arm " + name + ": has no recipe; name a built-in or a file");
        }
        if (control.length() > LONGEST_CONTROL || control.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidRecipeException("arm " + name + ": control is a phrase of at most " + LONGEST_CONTROL
                    + " characters that says what the arm controls for, such as more steps");
        }
    }

    /**
     * The recipe of one trial.
     *
     * @param common settings that all arms of the study change
     * @param seed of the trial
     * @throws InvalidRecipeException in one line that names the arm, if the recipe or a setting is invalid
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

    /** The settings as {@code key=value}, in JSON, which is YAML as well. */
    private static Stream<String> overrides(ObjectNode tree) {
        return Settings.leaves(tree).entrySet().stream()
                .map(setting -> setting.getKey() + "=" + Settings.line(setting.getValue()));
    }
}
