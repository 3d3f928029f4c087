package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PathText;
import dev.preceptor.base.Settings;
import dev.preceptor.metrics.Convention;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.RecipeLoader;
import dev.preceptor.recipe.ValidationSettings;
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
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The plan of a comparison: arms by folds by seeds, each combination one trial. The recipes of all arms are checked.
 *
 * @param name in tables
 * @param baseline the arm with which the others are compared, unless they name their own; empty for none
 * @param subject the arm whose gain is compared with the baseline and the controls; empty for none
 * @param convention under which all trials are scored
 * @param seeds different, at least one
 * @param folds that are held out
 * @param phantom the phantom cohort of the study, if it has one
 * @param set settings that all arms change in their recipes
 * @param arms at least one, with different names
 */
public record Study(
        String name,
        String baseline,
        String subject,
        Convention convention,
        List<Long> seeds,
        FoldPlan folds,
        PhantomPlan phantom,
        ObjectNode set,
        List<Arm> arms) {

    private static final List<String> BUILT_IN = List.of(
            "kd-net-table-1",
            "kd-net-table-1-phantom",
            "kd-net-table-1-real",
            "kd-net-table-2",
            "kd-net-table-2-phantom",
            "kd-net-table-2-real",
            "all-methods",
            "all-methods-phantom",
            "all-methods-real",
            "mtcm-kd-table-1-phantom",
            "mtcm-kd-ablation",
            "mtcm-kd-ablation-phantom",
            "slim-phantom",
            "teach",
            "teach-t1",
            "teach-phantom",
            "labels-phantom",
            "convergence-phantom",
            "demo",
            "demo-quick");

    public Study {
        seeds = List.copyOf(seeds);
        arms = List.copyOf(arms);
        require(!seeds.isEmpty(), "names no seed");
        require(new HashSet<>(seeds).size() == seeds.size(), "names a seed twice: " + seeds);
        require(!arms.isEmpty(), "has no arm; name at least one under \"arms\"");
        // Arms name folders, and some file systems ignore case.
        Set<String> names = new HashSet<>();
        for (Arm arm : arms) {
            require(
                    names.add(arm.name().toLowerCase(Locale.ROOT)),
                    "has two arms named " + arm.name() + "; their trials would have the same names");
        }
        requireArm("baseline", baseline, arms);
        requireArm("subject", subject, arms);
        List<Arm> all = arms;
        all.forEach(arm -> requireArm("baseline", arm.baseline(), all));
        String examined = subject;
        all.forEach(arm -> requireControl(arm, examined));
        long seed = seeds.get(0);
        ObjectNode common = set;
        all.forEach(arm -> requireOwner(arm, all, one -> one.resolve(common, seed)));
        boolean divided = folds.count() > 0;
        require(
                divided != phantom.unseen() > 0,
                divided
                        ? "has folds and unseen phantoms; choose one of them"
                        : "has nothing to score: set folds.count, or phantom.unseen");
        require(
                !phantom.exists() || folds.count() <= phantom.subjects(),
                "has more folds than phantom subjects: " + folds.count() + " and " + phantom.subjects());
        Set<Long> foldSeeds = new HashSet<>();
        Set<Boolean> choices = new HashSet<>();
        for (Arm arm : arms) {
            ValidationSettings validation = arm.resolve(set, seeds.get(0)).validation();
            foldSeeds.add(validation.foldSeed());
            choices.add(validation.choosesPostProcessing());
        }
        require(
                foldSeeds.size() == 1,
                "has arms with different validation.foldSeed; only the same folds can be compared");
        require(
                choices.size() == 1,
                "has arms of which only some choose a post-processing, which would be compared too; set"
                        + " validation.postProcessing to NONE under the \"set\" of the study");
    }

    /**
     * Reads a study over the defaults.
     *
     * @param source a file, or the name of a built-in
     * @throws InvalidRecipeException in one line that names the study, and the arm and the key
     */
    public static Study load(String source) {
        return load(source, Settings.JSON.createObjectNode());
    }

    /**
     * Reads a study and changes it.
     *
     * @param changes keys of a study that replace those of the source
     */
    static Study load(String source, ObjectNode changes) {
        try {
            ObjectNode given = given(source);
            Settings.overlay(given, changes);
            ObjectNode tree = YamlTree.parse(resource("defaults"));
            tree.put("name", name(source));
            Settings.merge(tree, given, "");
            tree.set("arms", arms(tree.get("arms"), source));
            return Settings.bind(tree, Study.class, "");
        } catch (InvalidRecipeException e) {
            throw new InvalidRecipeException("study " + source + ": " + e.getMessage(), e);
        }
    }

    /** Names of the built-in studies. */
    public static List<String> builtIn() {
        return BUILT_IN;
    }

    /** All settings as YAML, from which {@link #load} makes the same study. */
    public String toYaml() {
        return YamlTree.text(Settings.JSON.valueToTree(this));
    }

    /** All trials, seed by seed and fold by fold, so that an unfinished study compares all arms on the same folds. */
    List<Trial> trials() {
        List<Optional<FoldChoice>> divisions = folds.count() == 0
                ? List.of(Optional.empty())
                : folds.choices().stream().map(Optional::of).toList();
        List<Trial> trials = new ArrayList<>();
        for (long seed : seeds) {
            for (Optional<FoldChoice> fold : divisions) {
                for (Arm arm : arms) {
                    Optional<Trial> owner = arms.stream()
                            .filter(other -> other.name().equals(arm.teachersOf()))
                            .findFirst()
                            .map(other -> trial(other, fold, seed, Optional.empty()));
                    trials.add(trial(arm, fold, seed, owner));
                }
            }
        }
        return trials;
    }

    /**
     * This study with settings that are changed in all recipes, over what the arms change themselves.
     *
     * @param overrides entries {@code key=value}, as {@link Recipe#load} takes them
     * @throws InvalidRecipeException if one is malformed, or a recipe refuses it
     */
    Study with(List<String> overrides) {
        ObjectNode tree = Settings.JSON.valueToTree(this);
        for (JsonNode arm : tree.get("arms")) {
            overrides.forEach(
                    override -> Settings.overlay((ObjectNode) arm.get("set"), RecipeLoader.override(override)));
        }
        return Settings.bind(tree, Study.class, "");
    }

    /** This study without an arm. */
    Study without(String arm) {
        ObjectNode tree = Settings.JSON.valueToTree(this);
        ((ArrayNode) tree.get("arms"))
                .removeIf(one -> one.path("name").asString("").equals(arm));
        return Settings.bind(tree, Study.class, "");
    }

    private Trial trial(Arm arm, Optional<FoldChoice> fold, long seed, Optional<Trial> owner) {
        return new Trial(arm.name(), fold, seed, arm.resolve(set, seed), owner);
    }

    private static ArrayNode arms(JsonNode given, String source) {
        if (!(given instanceof ArrayNode list)) {
            throw new InvalidRecipeException(
                    "arms must be a list of blocks with name, recipe, baseline, teachersOf, control and set, not "
                            + given);
        }
        ArrayNode arms = list.arrayNode();
        for (JsonNode entry : list) {
            ObjectNode arm = Settings.JSON.createObjectNode();
            arm.put("name", "")
                    .put("recipe", "")
                    .put("baseline", "")
                    .put("teachersOf", "")
                    .put("control", "");
            arm.putObject("set");
            Settings.merge(arm, entry, "arms[" + arms.size() + "]");
            beside(source, arm.get("recipe").asString("")).ifPresent(file -> arm.put("recipe", file.toString()));
            arms.add(arm);
        }
        return arms;
    }

    /** The file of a recipe beside that of the study, if there is one. */
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

    private static void requireArm(String key, String name, List<Arm> arms) {
        require(
                name.isEmpty() || arms.stream().anyMatch(arm -> arm.name().equals(name)),
                "has the " + key + " " + name + ", which is none of its arms");
    }

    private static void requireControl(Arm arm, String subject) {
        require(
                arm.control().isEmpty() || !subject.isEmpty(),
                "has the control " + arm.name()
                        + " and no subject; name under \"subject\" the arm whose gain is examined");
        require(
                arm.control().isEmpty() || !subject.equals(arm.name()),
                "has the subject " + subject + " as a control of itself; leave out its control");
    }

    /** Teachers are shared by one step: the arm that trains them, and the arms that use them. */
    private static void requireOwner(Arm arm, List<Arm> all, Function<Arm, Recipe> recipes) {
        if (arm.teachersOf().isEmpty()) {
            return;
        }
        String takes = "has the arm " + arm.name() + " with the teachers of " + arm.teachersOf() + ", ";
        Arm owner = all.stream()
                .filter(other -> other.name().equals(arm.teachersOf()))
                .findFirst()
                .orElseThrow(() -> new InvalidRecipeException(takes + "which is none of its arms"));
        require(owner != arm, takes + "which is itself; leave out teachersOf");
        require(owner.teachersOf().isEmpty(), takes + "which has those of " + owner.teachersOf() + "; name that arm");
        Recipe from = recipes.apply(owner);
        Recipe to = recipes.apply(arm);
        require(
                !from.teachers().isEmpty() && from.teacherModels().isEmpty(),
                takes + "which trains no teachers; name an arm that does");
        require(
                !to.teachers().isEmpty() && to.teacherModels().isEmpty(),
                takes + "but its recipe has " + (to.teachers().isEmpty() ? "no teachers" : "teacherModels")
                        + "; leave out one of them");
        require(
                from.teachers().containsAll(to.teachers()),
                takes + "which trains teachers for " + from.teachers() + " and not for all of " + to.teachers());
        require(
                from.preprocessing().equals(to.preprocessing()),
                takes + "but with another preprocessing; give both the same");
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new InvalidRecipeException(problem);
        }
    }
}
