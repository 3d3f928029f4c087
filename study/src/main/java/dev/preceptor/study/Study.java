package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PathText;
import dev.preceptor.base.Settings;
import dev.preceptor.metrics.Convention;
import dev.preceptor.recipe.RecipeLoader;
import dev.preceptor.recipe.YamlTree;
import dev.preceptor.run.FoldChoice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is compared with what: arms by folds by seeds. Immutable and checked, the recipes of all cells included.
 *
 * @param name for the tables
 * @param baseline the arm against which the others are told, unless they name their own; or empty
 * @param convention under which everything is scored
 * @param seeds different, at least one
 * @param folds which are run
 * @param phantom the cohort that the study makes, if any
 * @param set what all arms change in their recipes
 * @param arms at least one, by different names
 */
public record Study(
        String name,
        String baseline,
        Convention convention,
        List<Long> seeds,
        FoldPlan folds,
        PhantomPlan phantom,
        ObjectNode set,
        List<Arm> arms) {

    private static final List<String> BUILT_IN = List.of(
            "kd-net-table-1",
            "kd-net-table-1-phantom",
            "kd-net-table-2",
            "kd-net-table-2-phantom",
            "mtcm-kd-table-1-phantom",
            "mtcm-kd-ablation",
            "mtcm-kd-ablation-phantom");

    public Study {
        seeds = List.copyOf(seeds);
        arms = List.copyOf(arms);
        require(!seeds.isEmpty(), "names no seed");
        require(new HashSet<>(seeds).size() == seeds.size(), "names a seed twice: " + seeds);
        require(!arms.isEmpty(), "has no arm; name at least one under \"arms\"");
        // Arms name folders, and some file systems take Mean for mean.
        Set<String> names = new HashSet<>();
        for (Arm arm : arms) {
            require(
                    names.add(arm.name().toLowerCase(Locale.ROOT)),
                    "has two arms named " + arm.name() + "; their cells would have the same names");
        }
        requireArm(baseline, arms);
        List<Arm> all = arms;
        all.forEach(arm -> requireArm(arm.baseline(), all));
        boolean divided = folds.count() > 0;
        require(
                divided != phantom.unseen() > 0,
                divided
                        ? "has folds and unseen phantoms; choose one of them to be scored"
                        : "has nothing to score: give folds.count, or phantom.unseen");
        require(
                !phantom.wanted() || folds.count() <= phantom.subjects(),
                "has more folds than phantom subjects: " + folds.count() + " and " + phantom.subjects());
        Set<Long> draws = new HashSet<>();
        for (Arm arm : arms) {
            draws.add(arm.resolve(set, seeds.get(0)).validation().foldSeed());
        }
        require(draws.size() == 1, "has arms with different validation.foldSeed; only the same folds can be compared");
    }

    /**
     * Reads a study over the defaults.
     *
     * @param source a file, or the name of a built-in
     * @throws InvalidRecipeException in one line that names the study, and the arm and the key
     */
    public static Study load(String source) {
        try {
            ObjectNode given = given(source);
            ObjectNode tree = YamlTree.parse(resource("defaults"));
            tree.put("name", name(source));
            Settings.merge(tree, given, "");
            tree.set("arms", arms(tree.get("arms"), source));
            return Settings.bind(tree, Study.class, "");
        } catch (InvalidRecipeException e) {
            throw new InvalidRecipeException("study " + source + ": " + e.getMessage(), e);
        }
    }

    /** The names of the studies that come with Preceptor. */
    public static List<String> builtIn() {
        return BUILT_IN;
    }

    /** Every setting as YAML; {@link #load} gives the same study again. */
    public String toYaml() {
        return YamlTree.text(Settings.JSON.valueToTree(this));
    }

    /** All cells, seed by seed, fold by fold, so that a study cut short has compared all arms on what it has. */
    List<Trial> cells() {
        List<Optional<FoldChoice>> divisions = folds.count() == 0
                ? List.of(Optional.empty())
                : folds.choices().stream().map(Optional::of).toList();
        List<Trial> cells = new ArrayList<>();
        for (long seed : seeds) {
            for (Optional<FoldChoice> fold : divisions) {
                for (Arm arm : arms) {
                    cells.add(new Trial(arm.name(), fold, seed, arm.resolve(set, seed)));
                }
            }
        }
        return cells;
    }

    private static ArrayNode arms(JsonNode given, String source) {
        if (!(given instanceof ArrayNode list)) {
            throw new InvalidRecipeException(
                    "arms must be a list of blocks with name, recipe, baseline and set, not " + given);
        }
        ArrayNode arms = list.arrayNode();
        for (JsonNode entry : list) {
            ObjectNode arm = Settings.JSON.createObjectNode();
            arm.put("name", "").put("recipe", "").put("baseline", "").putObject("set");
            Settings.merge(arm, entry, "arms[" + arms.size() + "]");
            beside(source, arm.get("recipe").asString("")).ifPresent(file -> arm.put("recipe", file.toString()));
            arms.add(arm);
        }
        return arms;
    }

    /** A recipe's file is looked for beside the study first. */
    private static Optional<Path> beside(String source, String recipe) {
        if (recipe.isBlank()
                || BUILT_IN.contains(source)
                || RecipeLoader.builtIn().contains(recipe)) {
            return Optional.empty();
        }
        return Optional.of(PathText.parse(source)
                        .toAbsolutePath()
                        .resolveSibling(PathText.parse(recipe))
                        .normalize())
                .filter(Files::isRegularFile);
    }

    private static String name(String source) {
        String file = PathText.parse(source).getFileName().toString();
        return file.replaceFirst("\\.ya?ml$", "");
    }

    private static ObjectNode given(String source) {
        if (BUILT_IN.contains(source)) {
            return YamlTree.parse(resource(source));
        }
        Path file = PathText.parse(source);
        if (!Files.isRegularFile(file)) {
            throw new InvalidRecipeException(
                    "is neither a file nor one of the built-in studies " + String.join(", ", BUILT_IN));
        }
        return YamlTree.read(file);
    }

    private static String resource(String name) {
        try (InputStream in = Study.class.getResourceAsStream("/dev/preceptor/studies/" + name + ".yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireArm(String baseline, List<Arm> arms) {
        require(
                baseline.isEmpty() || arms.stream().anyMatch(arm -> arm.name().equals(baseline)),
                "has the baseline " + baseline + ", which is none of its arms");
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new InvalidRecipeException(problem);
        }
    }
}
