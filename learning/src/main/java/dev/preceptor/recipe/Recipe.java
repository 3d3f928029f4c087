package dev.preceptor.recipe;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.preceptor.augment.Augmentation;
import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PathText;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.data.Sampling;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.MethodSetup;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.distill.spi.Methods;
import dev.preceptor.network.Computation;
import dev.preceptor.optim.Optimization;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything about a run that is not the data: what is trained, on which losses, how long. Immutable and checked.
 *
 * @param method name of the method
 * @param student the sequences of the student, one as a rule
 * @param teachers the sequences of each teacher
 * @param teacherModels model files of trained teachers, or the folder of the run that trained them; empty to train them
 * @param network {@code name} and the network's own settings
 * @param preprocessing from a subject to the grid of the model
 * @param sampling what a step sees
 * @param augmentation how it is changed first
 * @param optimization how it learns from it
 * @param validation what drives the schedule and the selection
 * @param compute how the networks compute
 * @param plan who decides on {@code sampling.patch}, {@code sampling.batch} and the network's widths
 * @param memory GiB that the training may take, of the device it runs on; 0 for what there is
 * @param overlap of the tiles at prediction, 0 to 0.9
 * @param checkpointEvery epochs between checkpoints
 * @param checkpointMinutes after which there is one within an epoch, too; 0 for never
 * @param seed of every random stream
 * @param distillation the method's own settings
 */
public record Recipe(
        String method,
        List<Sequence> student,
        List<List<Sequence>> teachers,
        List<String> teacherModels,
        ObjectNode network,
        Preprocessing preprocessing,
        Sampling sampling,
        Augmentation augmentation,
        Optimization optimization,
        ValidationSettings validation,
        Computation compute,

        @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES)
        Planning plan,

        double memory,
        double overlap,
        int checkpointEvery,
        double checkpointMinutes,
        long seed,
        ObjectNode distillation) {

    private static final String WIDTHS = "widths";
    private static final String SKIPS = "skips";
    private static final List<String> VARIANTS = List.of("", "-nnunet", "-reference", "-t1");

    public Recipe {
        student = List.copyOf(student);
        teachers = teachers.stream().map(List::copyOf).toList();
        Settings.require(!student.isEmpty(), "student", "at least one sequence", student);
        Settings.require(
                student.stream().distinct().count() == student.size(), "student", "different sequences", student);
        for (List<Sequence> teacher : teachers) {
            Settings.require(!teacher.isEmpty(), "teachers", "lists of at least one sequence", teachers);
            Settings.require(
                    teacher.stream().distinct().count() == teacher.size(), "teachers", "different sequences", teacher);
        }
        teacherModels = List.copyOf(teacherModels);
        Settings.require(
                network.path("name").isString(), "network.name", "the name of a network", network.path("name"));
        Settings.require(memory >= 0 && memory <= 1 << 20, "memory", "0 or a number of GiB", memory);
        Settings.require(overlap >= 0 && overlap <= 0.9, "overlap", "a share from 0 to 0.9", overlap);
        Settings.require(checkpointEvery >= 1, "checkpointEvery", "a number of epochs from 1", checkpointEvery);
        Settings.require(checkpointMinutes >= 0, "checkpointMinutes", "0 or a number of minutes", checkpointMinutes);
        distillation = Methods.named(method).resolve(distillation);
    }

    /**
     * Reads a recipe over the defaults.
     *
     * @param source a file, or the name of a built-in
     * @param overrides {@code key=value} with dots in the key, the value as in YAML
     * @throws InvalidRecipeException in one line that names the recipe and the key
     */
    public static Recipe load(String source, List<String> overrides) {
        try {
            ObjectNode given = given(source);
            AugmentationPreset.expand(given);
            for (String override : overrides) {
                AugmentationPreset.overlay(given, override(override));
            }
            ObjectNode tree = YamlTree.parse(resource("defaults"));
            Settings.merge(tree, given, "");
            return Settings.bind(tree, Recipe.class, "");
        } catch (InvalidRecipeException e) {
            throw new InvalidRecipeException("recipe " + source + ": " + e.getMessage(), e);
        }
    }

    /** A recipe as {@link #write} wrote it. */
    public static Recipe read(Path file) {
        return load(file.toString(), List.of());
    }

    /** Writes every setting, defaults included. */
    public void write(Path file) {
        AtomicFiles.writeString(file, toYaml());
    }

    /** Every setting as YAML, in a fixed order. */
    public String toYaml() {
        return YamlTree.text(Settings.JSON.valueToTree(this));
    }

    /**
     * The method with its networks.
     *
     * @param trained teachers from an earlier training, one for each of the recipe's; empty for none
     */
    public Method build(List<TrainedTeacher> trained, Device device) {
        return build(trained, device, GlobalBatchSum.LOCAL);
    }

    /** The same for one of several processes, each with a share of the batch. */
    public Method build(List<TrainedTeacher> trained, Device device, GlobalBatchSum sums) {
        return Methods.named(method)
                .create(new MethodSetup(
                        student,
                        teachers,
                        trained,
                        network.get("name").stringValue(),
                        networkArguments(),
                        distillation,
                        compute,
                        new RandomStreams(seed),
                        device,
                        sums));
    }

    /** The sequences that any network of this recipe sees, without repetition. */
    public List<Sequence> sequences() {
        LinkedHashSet<Sequence> all = new LinkedHashSet<>();
        teachers.forEach(all::addAll);
        all.addAll(student);
        return List.copyOf(all);
    }

    /** The settings of the network without its name. */
    public Map<String, Object> networkArguments() {
        Map<String, Object> arguments = new TreeMap<>();
        network.properties().forEach(e -> {
            if (!e.getKey().equals("name")) {
                arguments.put(e.getKey(), Settings.JSON.convertValue(e.getValue(), Object.class));
            }
        });
        return arguments;
    }

    /**
     * The channels of each level, from the full resolution down.
     *
     * @throws InvalidRecipeException if the network has no such setting
     */
    public List<Integer> widths() {
        JsonNode widths = network.path(WIDTHS);
        Settings.require(
                widths.size() > 1 && widths.valueStream().allMatch(JsonNode::isInt),
                "network.widths",
                "a list of at least two numbers of channels",
                widths);
        return widths.valueStream().map(JsonNode::intValue).toList();
    }

    /** This recipe with a plan written into it; every level has its skip connection. */
    public Recipe planned(Size patch, List<Integer> widths, int batch) {
        ObjectNode tree = Settings.JSON.valueToTree(this);
        tree.put("plan", Planning.AS_WRITTEN.name());
        ObjectNode sampling = (ObjectNode) tree.get("sampling");
        sampling.set("patch", Settings.JSON.valueToTree(List.of(patch.x(), patch.y(), patch.z())));
        sampling.put("batch", batch);
        ObjectNode planned = (ObjectNode) tree.get("network");
        if (planned.has(SKIPS) && !widths.equals(widths())) {
            planned.put(SKIPS, widths.size() - 1);
        }
        planned.set(WIDTHS, Settings.JSON.valueToTree(widths));
        return Settings.bind(tree, Recipe.class, "");
    }

    /** This recipe with stages computed twice. */
    public Recipe recomputing() {
        ObjectNode tree = Settings.JSON.valueToTree(this);
        tree.set("compute", Settings.JSON.valueToTree(compute.withRecompute(Computation.Recompute.STAGES)));
        return Settings.bind(tree, Recipe.class, "");
    }

    /** SHA-256 of the resolved recipe, in hex. */
    public String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(toYaml().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The names of the recipes that come with Preceptor: that of each method, its variants, and a small size of each. */
    public static List<String> builtIn() {
        return Methods.names().stream()
                .flatMap(method -> VARIANTS.stream().map(variant -> method + variant))
                .flatMap(name -> Stream.of(name, name + "-small"))
                .filter(name -> Recipe.class.getResource(location(name)) != null)
                .toList();
    }

    private static String location(String name) {
        return "/dev/preceptor/recipes/" + name + ".yaml";
    }

    private static ObjectNode given(String source) {
        if (builtIn().contains(source)) {
            return YamlTree.parse(resource(source));
        }
        Path file = PathText.parse(source);
        if (!Files.isRegularFile(file)) {
            throw new InvalidRecipeException(
                    "is neither a file nor one of the built-in recipes " + String.join(", ", builtIn()));
        }
        return YamlTree.read(file);
    }

    private static String resource(String name) {
        try (InputStream in = Recipe.class.getResourceAsStream(location(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode override(String text) {
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
