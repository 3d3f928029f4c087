package dev.preceptor.recipe;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PathText;
import dev.preceptor.base.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads recipes: a file or a built-in recipe, changed by overrides, merged into {@code defaults.yaml} and bound to a
 * {@link Recipe}. Stateless and thread-safe.
 */
public final class RecipeLoader {
    private static final String DEFAULTS = "defaults";
    /** Each recipe exists as it is and, followed by {@code -small}, for phantoms; a method may have one of the two only. */
    private static final List<String> NAMES = List.of(
            "baseline",
            "baseline-nnunet",
            "kd-net",
            "kd-net-balanced",
            "shared-deep",
            "synthesise-first",
            "transfer",
            "mtcm-kd",
            "mtcm-kd-reference",
            "mtcm-kd-t1",
            "structured-kd",
            "local-consistency",
            "pmkl",
            "proto-kd",
            "u-hemis",
            "u-hved",
            "rfnet",
            "robust-mseg",
            "zero-fill",
            "sequence-dropout");

    /** A full stop behind a word and before a capital letter, so that "et al." ends no sentence; or at the end. */
    private static final Pattern SENTENCE_END = Pattern.compile("\\.(\\s+(?=[A-Z])|$)");

    private RecipeLoader() {}

    /** The names of the built-in recipes, each followed by that of its small size. */
    public static List<String> builtIn() {
        return NAMES.stream()
                .flatMap(name -> Stream.of(name, name + "-small"))
                .filter(name -> RecipeLoader.class.getResource(location(name)) != null)
                .toList();
    }

    /**
     * What a built-in recipe is: the first sentence of the comment at its head, without the full stop.
     *
     * @param name one of {@link #builtIn}
     */
    public static String description(String name) {
        String comment = text(name)
                .lines()
                .takeWhile(line -> line.startsWith("#"))
                .map(line -> line.substring(1).strip())
                .collect(Collectors.joining(" "));
        return SENTENCE_END.split(comment, 2)[0];
    }

    /**
     * Loads a recipe.
     *
     * @param source a path to a YAML file, or the name of a built-in recipe
     * @param overrides entries {@code key=value} with dots in the key and the value in YAML, applied in order
     * @throws InvalidRecipeException in one line that names the recipe and the key
     */
    static Recipe load(String source, List<String> overrides) {
        try {
            ObjectNode given = given(source);
            AugmentationPreset.expand(given);
            for (String override : overrides) {
                AugmentationPreset.overlay(given, override(override));
            }
            ObjectNode tree = defaults();
            Settings.merge(tree, given, "");
            return Settings.bind(tree, Recipe.class, "");
        } catch (InvalidRecipeException e) {
            throw new InvalidRecipeException("recipe " + source + ": " + e.getMessage(), e);
        }
    }

    /** Every setting with its default; {@code network} and {@code distillation} are empty. */
    static ObjectNode defaults() {
        return builtIn(DEFAULTS);
    }

    /** The YAML of a resource in the folder of the built-in recipes, without its file ending. */
    static ObjectNode builtIn(String name) {
        return YamlTree.parse(text(name));
    }

    private static String text(String name) {
        try (InputStream in = RecipeLoader.class.getResourceAsStream(location(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String location(String name) {
        return "/dev/preceptor/recipes/" + name + ".yaml";
    }

    private static ObjectNode given(String source) {
        if (builtIn().contains(source)) {
            return builtIn(source);
        }
        Path file = PathText.parse(source);
        if (!Files.isRegularFile(file)) {
            throw new InvalidRecipeException(
                    "is neither a file nor one of the built-in recipes " + String.join(", ", builtIn()));
        }
        return YamlTree.read(file);
    }

    /**
     * The tree of one override: {@code a.b=1} is {@code {a: {b: 1}}}.
     *
     * @throws InvalidRecipeException if the text is no {@code key=value}, or the value is no YAML
     */
    public static ObjectNode override(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new InvalidRecipeException("an override is key=value, not \"" + text + "\"");
        }
        JsonNode value;
        try {
            value = YamlTree.value(text.substring(equals + 1));
        } catch (InvalidRecipeException e) {
            throw new InvalidRecipeException("the value of \"" + text + "\" " + e.getMessage(), e);
        }
        if (value.isMissingNode() || value.isNull()) {
            throw new InvalidRecipeException("\"" + text + "\" has no value; give it one or leave it out");
        }
        String[] keys = text.substring(0, equals).strip().split("\\.", -1);
        ObjectNode root = YamlTree.YAML.createObjectNode();
        ObjectNode node = root;
        for (int i = 0; i < keys.length - 1; i++) {
            node = node.putObject(keys[i]);
        }
        node.set(keys[keys.length - 1], value);
        return root;
    }
}
