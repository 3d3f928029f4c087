package dev.preceptor.recipe;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.preceptor.augment.Augmentation;
import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.base.Settings;
import dev.preceptor.base.Sha256;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.data.Sampling;
import dev.preceptor.distill.EnsembleSettings;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.MethodKind;
import dev.preceptor.distill.MethodSetup;
import dev.preceptor.distill.NetworkSettings;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.distill.spi.Methods;
import dev.preceptor.network.Computation;
import dev.preceptor.network.DeclaredWeights;
import dev.preceptor.optim.Optimization;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Device;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All settings of a training except the data. Immutable; every instance is valid.
 *
 * <pre>{@code
 * Recipe recipe = Recipe.load("kd-net-small", List.of("optimization.epochs=3", "network.widths=[8, 16]", "network.skips=1"));
 * recipe.write(folder.resolve("recipe.yaml"));
 * Recipe same = Recipe.read(folder.resolve("recipe.yaml"));
 * }</pre>
 *
 * @param method name of the method
 * @param student the sequences of the student, at least one
 * @param bedside those of them that are there at prediction, for a network that takes any subset: validation and studies show it
 *     these alone; empty for all
 * @param teachers the sequences of each teacher
 * @param teacherModels model files of trained teachers, one for each teacher, or the folder of the run that trained them;
 *     empty to train the teachers
 * @param network {@code name} and the settings of the student's network
 * @param teacherNetwork {@code name} and the settings of the network of all teachers that are trained; empty for that of the
 *     student. Trained teachers have the networks of their model files
 * @param teacherEnsemble how many networks take the place of a teacher that is trained before the student
 * @param start the student's initial weights: {@code fresh}, {@code teacher}, a model file, or the folder of a run
 * @param preprocessing steps from the images of a subject to the grid of the model
 * @param sampling patches of a training step
 * @param augmentation random transforms of the patches
 * @param optimization optimizer, learning rate and number of epochs
 * @param validation subjects of the validation, and selection of the weights
 * @param compute precision and memory use of the networks
 * @param plan whether {@code sampling.patch}, {@code sampling.batch} and the widths of the network are planned
 * @param memory GiB that the training may use on its device; 0 for the memory of the device, which only AUTO checks
 * @param overlap share of a tile that the next tile covers at prediction, 0 to 0.9
 * @param checkpointEvery epochs between checkpoints, at least 1
 * @param checkpointMinutes minutes without a checkpoint after which one is written within an epoch; 0 for never
 * @param seed seed of all random streams
 * @param distillation the settings of the method
 */
public record Recipe(
        String method,
        List<Sequence> student,
        // Left out where it is empty: recipes without it keep their hashes.
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Sequence> bedside,
        List<List<Sequence>> teachers,
        List<String> teacherModels,
        ObjectNode network,
        ObjectNode teacherNetwork,
        EnsembleSettings teacherEnsemble,
        String start,
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

    /** The value of {@code start} for fresh weights, which depend on the seed alone. */
    public static final String FRESH = "fresh";

    /** The value of {@code start} for the weights of the teacher, with the input channels that the student has. */
    public static final String FROM_TEACHER = "teacher";

    private static final String NETWORK = "network";
    private static final String WIDTHS = "widths";
    private static final String SKIPS = "skips";

    public Recipe {
        student = List.copyOf(student);
        bedside = List.copyOf(bedside);
        teachers = teachers.stream().map(List::copyOf).toList();
        Settings.require(!student.isEmpty(), "student", "at least one sequence", student);
        Settings.require(
                student.stream().distinct().count() == student.size(), "student", "different sequences", student);
        Settings.require(
                student.containsAll(bedside) && bedside.stream().distinct().count() == bedside.size(),
                "bedside",
                "empty or different sequences of student " + student,
                bedside);
        for (List<Sequence> teacher : teachers) {
            Settings.require(!teacher.isEmpty(), "teachers", "lists of at least one sequence", teachers);
            Settings.require(
                    teacher.stream().distinct().count() == teacher.size(), "teachers", "different sequences", teacher);
        }
        teacherModels = List.copyOf(teacherModels);
        Settings.require(
                network.path("name").isString(), "network.name", "the name of a network", network.path("name"));
        Settings.require(
                teacherNetwork.isEmpty() || teacherNetwork.path("name").isString(),
                "teacherNetwork.name",
                "the name of a network",
                teacherNetwork.path("name"));
        Settings.require(
                teacherNetwork.isEmpty() || !teachers.isEmpty(),
                "teacherNetwork",
                "left out, because the recipe has no teachers",
                teacherNetwork);
        Settings.require(
                teacherEnsemble.size() == 1 || !teachers.isEmpty(),
                "teacherEnsemble.size",
                "1, because the recipe has no teachers",
                teacherEnsemble.size());
        Settings.require(
                !start.isBlank(), "start", "fresh, teacher, a model file or the folder of a run", "\"" + start + "\"");
        Settings.require(
                !start.equals(FROM_TEACHER) || !teachers.isEmpty(),
                "start",
                "fresh, a model file or the folder of a run, because the recipe has no teachers",
                start);
        Settings.require(memory >= 0 && memory <= 1 << 20, "memory", "0 or a number of GiB", memory);
        Settings.require(overlap >= 0 && overlap <= 0.9, "overlap", "a share from 0 to 0.9", overlap);
        Settings.require(checkpointEvery >= 1, "checkpointEvery", "a number of epochs from 1", checkpointEvery);
        Settings.require(checkpointMinutes >= 0, "checkpointMinutes", "0 or a number of minutes", checkpointMinutes);
        distillation = Methods.named(method).resolve(distillation);
    }

    /**
     * Loads a recipe and fills in the defaults.
     *
     * @param source a path to a YAML file, or the name of a built-in recipe ({@link RecipeLoader#builtIn()})
     * @param overrides entries {@code key=value} with dots in the key and the value in YAML, applied in order
     * @throws InvalidRecipeException in one line that names the recipe and the key
     */
    public static Recipe load(String source, List<String> overrides) {
        return RecipeLoader.load(source, overrides);
    }

    /**
     * Reads a recipe file, such as one of {@link #write}.
     *
     * @throws InvalidRecipeException in one line that names the file and the key
     */
    public static Recipe read(Path file) {
        return RecipeLoader.load(file.toString(), List.of());
    }

    /** Writes every setting, including the defaults. */
    public void write(Path file) {
        AtomicFiles.writeString(file, toYaml());
    }

    /** Every setting as YAML, in a fixed order. */
    public String toYaml() {
        return YamlTree.text(Settings.JSON.valueToTree(this));
    }

    /**
     * Builds the method with its networks.
     *
     * @param labels the regions and classes that the networks segment
     * @param trained teachers of an earlier training, one for each teacher of the recipe; empty for none
     * @param device the device of the weights
     * @throws InvalidRecipeException if the recipe does not suit the regions
     */
    public Method build(LabelSpace labels, List<TrainedTeacher> trained, Device device) {
        return build(labels, trained, device, GlobalBatchSum.LOCAL);
    }

    /**
     * Builds the method in one of several processes that train on shards of a batch.
     *
     * @param sums the sums over the shards of all processes
     */
    public Method build(LabelSpace labels, List<TrainedTeacher> trained, Device device, GlobalBatchSum sums) {
        return build(labels, trained, device, sums, List.of());
    }

    /**
     * Builds the method for a training on known subjects.
     *
     * @param subjects IDs of the subjects that are trained on
     */
    public Method build(
            LabelSpace labels,
            List<TrainedTeacher> trained,
            Device device,
            GlobalBatchSum sums,
            List<String> subjects) {
        MethodSetup setup = new MethodSetup(
                student,
                bedside,
                teachers,
                trained,
                labels,
                settings(NETWORK, network),
                teacherNetwork.isEmpty() ? settings(NETWORK, network) : settings("teacherNetwork", teacherNetwork),
                teacherEnsemble,
                subjects,
                distillation,
                compute,
                new RandomStreams(seed),
                device,
                sums);
        return DeclaredWeights.freedOnFailure(() -> Methods.named(method).create(setup));
    }

    /** The sequences that the student sees at validation and prediction: those of {@code bedside}, or all of its own. */
    public List<Sequence> inferenceInputs() {
        return bedside.isEmpty() ? student : bedside;
    }

    /** The distinct sequences of all networks: those of the teachers, then those of the student. */
    public List<Sequence> sequences() {
        LinkedHashSet<Sequence> all = new LinkedHashSet<>();
        teachers.forEach(all::addAll);
        all.addAll(student);
        return List.copyOf(all);
    }

    /** What each network needs of a subject, if it needs all its sequences: the student, then each teacher. */
    public List<SequenceNeed> needs() {
        List<SequenceNeed> needs = new ArrayList<>();
        needs.add(new SequenceNeed("student", student, true));
        if (!bedside.isEmpty()) {
            needs.add(new SequenceNeed("bedside", bedside, true));
        }
        for (int i = 0; i < teachers.size(); i++) {
            String name = teachers.size() == 1 ? "teacher" : "teacher " + (i + 1);
            needs.add(new SequenceNeed(name, teachers.get(i), true));
        }
        return needs;
    }

    private static NetworkSettings settings(String key, ObjectNode network) {
        return new NetworkSettings(key, network.get("name").stringValue(), arguments(network));
    }

    /** Whether the trainer measures the gradient of each loss term. */
    public boolean diagnoses() {
        return distillation.path(MethodKind.DIAGNOSE).asBoolean(false);
    }

    /** The settings of the student's network except its name. */
    public Map<String, Object> networkArguments() {
        return arguments(network);
    }

    private static Map<String, Object> arguments(ObjectNode network) {
        Map<String, Object> arguments = new TreeMap<>();
        network.properties().forEach(e -> {
            if (!e.getKey().equals("name")) {
                arguments.put(e.getKey(), Settings.JSON.convertValue(e.getValue(), Object.class));
            }
        });
        return arguments;
    }

    /**
     * The number of channels of each level of the student's network, from the full resolution down.
     *
     * @throws InvalidRecipeException if the network has no setting {@code widths}
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

    /**
     * This recipe with the values of a plan. If the widths change, every level has a skip connection.
     *
     * @param patch extents in voxels of the model grid
     * @param widths channels of each level, from the full resolution down
     * @param batch patches of a batch
     */
    public Recipe planned(Size patch, List<Integer> widths, int batch) {
        ObjectNode tree = tree();
        tree.put("plan", Planning.AS_WRITTEN.name());
        ObjectNode sampling = (ObjectNode) tree.get("sampling");
        sampling.set("patch", Settings.JSON.valueToTree(List.of(patch.x(), patch.y(), patch.z())));
        sampling.put("batch", batch);
        ObjectNode planned = (ObjectNode) tree.get(NETWORK);
        if (planned.has(SKIPS) && !widths.equals(widths())) {
            planned.put(SKIPS, widths.size() - 1);
        }
        planned.set(WIDTHS, Settings.JSON.valueToTree(widths));
        return Settings.bind(tree, Recipe.class, "");
    }

    private ObjectNode tree() {
        ObjectNode tree = Settings.JSON.valueToTree(this);
        tree.set("bedside", Settings.JSON.valueToTree(bedside));
        return tree;
    }

    /** This recipe with activation checkpointing. */
    public Recipe recomputing() {
        ObjectNode tree = tree();
        tree.set("compute", Settings.JSON.valueToTree(compute.withRecompute(Computation.Recompute.STAGES)));
        return Settings.bind(tree, Recipe.class, "");
    }

    /** SHA-256 of {@link #toYaml}, 64 hexadecimal digits. */
    public String hash() {
        return Sha256.of(toYaml());
    }
}
