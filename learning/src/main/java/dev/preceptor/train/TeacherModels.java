package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PathText;
import dev.preceptor.distill.Role;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.ReferenceWeights;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunFolder;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The trained teachers that a recipe names: model files, the folder of a run, or weights of MTCM-KD's reference implementation
 * ({@code FILE}, or {@code FILE#GROUP} if the file holds several networks). Weights of the reference do not record their
 * sequences: the entry at position i of the list is teacher i.
 */
final class TeacherModels {
    private static final String SUFFIX = ".safetensors";

    private final Recipe recipe;
    private final Map<String, ModelFile> models = new LinkedHashMap<>();
    private final Map<String, ReferenceWeights> references = new LinkedHashMap<>();

    private TeacherModels(Recipe recipe) {
        this.recipe = recipe;
    }

    /**
     * Reads the teachers that the recipe names; none if it names none.
     *
     * @throws InvalidRecipeException if there is no such file, folder or group
     * @throws dev.preceptor.base.InvalidFileException if a file is neither a model nor weights of the reference
     */
    static TeacherModels read(Recipe recipe) {
        TeacherModels teachers = new TeacherModels(recipe);
        recipe.teacherModels().forEach(teachers::add);
        return teachers;
    }

    private void add(String name) {
        int hash = name.lastIndexOf('#');
        Path path = PathText.parse(name);
        if (Files.isDirectory(path)) {
            modelsOfRun(path).forEach(file -> models.put(file.toString(), ModelFile.read(file)));
        } else if (Files.isRegularFile(path)) {
            List<ReferenceWeights> networks = ReferenceWeights.in(path);
            if (networks.isEmpty()) {
                models.put(name, ModelFile.read(path));
            } else {
                references.put(name, only(name, networks));
            }
        } else if (hash > 0 && Files.isRegularFile(Path.of(name.substring(0, hash)))) {
            String group = name.substring(hash + 1);
            references.put(
                    name,
                    only(
                            name,
                            ReferenceWeights.in(Path.of(name.substring(0, hash))).stream()
                                    .filter(network -> network.group().equals(group))
                                    .toList()));
        } else {
            throw new InvalidRecipeException("teacherModels: there is no model file and no folder of a run " + name);
        }
    }

    private static ReferenceWeights only(String name, List<ReferenceWeights> networks) {
        if (networks.size() != 1) {
            throw new InvalidRecipeException("teacherModels: " + name + " holds "
                    + (networks.isEmpty()
                            ? "no network of the reference under this name"
                            : "several networks; name one of them as FILE#GROUP: "
                                    + networks.stream()
                                            .map(ReferenceWeights::group)
                                            .toList())
                    + "; preceptor inspect shows what is in it");
        }
        return networks.get(0);
    }

    private static List<Path> modelsOfRun(Path run) {
        Path models = new RunFolder(run).models();
        if (!Files.isDirectory(models)) {
            throw new InvalidRecipeException(
                    "teacherModels: " + run + " is no folder of a finished run; there is no models in it");
        }
        try (Stream<Path> entries = Files.list(models)) {
            return entries.filter(file -> file.getFileName().toString().startsWith(Role.TEACHER)
                            && file.getFileName().toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new InvalidRecipeException(
                    "teacherModels: " + models + " cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }

    /**
     * The trained teachers in the order of the recipe's teachers; empty if the recipe names none.
     *
     * @throws InvalidRecipeException if a teacher has no model, or a model with another preprocessing
     */
    List<TrainedTeacher> teachers() {
        return recipe.teacherModels().isEmpty()
                ? List.of()
                : IntStream.range(0, recipe.teachers().size())
                        .mapToObj(this::teacher)
                        .toList();
    }

    private TrainedTeacher teacher(int index) {
        List<Sequence> inputs = recipe.teachers().get(index);
        if (index < recipe.teacherModels().size()) {
            String name = recipe.teacherModels().get(index);
            if (references.containsKey(name)) {
                return fromReference(name, inputs);
            }
        }
        Map<String, ModelFile> fitting = new LinkedHashMap<>(models);
        fitting.values().removeIf(model -> !model.description().inputs().equals(inputs));
        if (fitting.size() != 1) {
            throw new InvalidRecipeException("teacherModels must hold one model for each teacher; for " + inputs
                    + " it has " + (fitting.isEmpty() ? "none" : fitting.keySet()));
        }
        String name = fitting.keySet().iterator().next();
        ModelFile model = fitting.get(name);
        ModelDescription description = model.description();
        if (!description.preprocessing().equals(recipe.preprocessing())) {
            throw new InvalidRecipeException("teacherModels: " + name + " was trained with "
                    + description.preprocessing() + ", but the recipe has " + recipe.preprocessing());
        }
        return new TrainedTeacher(
                name, description.network(), description.inputs(), description.targets(), model.weights());
    }

    private TrainedTeacher fromReference(String name, List<Sequence> inputs) {
        ReferenceWeights weights = references.get(name);
        NetworkSpec network = weights.network();
        if (network.inputs() != inputs.size()) {
            throw new InvalidRecipeException("teacherModels: " + name + " has " + network.inputs()
                    + " input channels, but the teacher in its place sees " + inputs);
        }
        return new TrainedTeacher(
                name, network, inputs, new Targets(TargetEncoding.CLASSES, LabelSpace.BRATS_2018), weights.weights());
    }

    /**
     * The subjects that the teachers were trained on, with the names of the teachers that do not record them.
     *
     * @param notices receives a line for each teacher of which not all are recorded
     */
    TrainedOn trainedOn(Consumer<String> notices) {
        Map<String, Optional<TrainedOn>> recorded = new LinkedHashMap<>();
        models.forEach((name, model) -> recorded.put(name, TrainedOn.of(model.description())));
        references.keySet().forEach(name -> recorded.put(name, Optional.empty()));
        TrainedOn all = TrainedOn.of(List.of(), List.of());
        for (Map.Entry<String, Optional<TrainedOn>> teacher : recorded.entrySet()) {
            TrainedOn own = teacher.getValue()
                    .orElseGet(() ->
                            TrainedOn.of(List.of(), List.of()).withUnrecorded(List.of(fileName(teacher.getKey()))));
            if (!own.isComplete()) {
                notices.accept(teacher.getKey() + " does not record the subjects "
                        + (teacher.getValue().isEmpty()
                                ? "it was trained on"
                                : "of its teachers (" + String.join(", ", own.unrecordedTeachers()) + ")")
                        + "; a leak through it cannot be found");
            }
            all = all.and(own);
        }
        return all;
    }

    /** The name of a teacher's file without its folder and group: model files are given away, and paths name users. */
    private String fileName(String name) {
        String group = Optional.ofNullable(references.get(name))
                .map(weights -> "#" + weights.group())
                .orElse("");
        String file = name.endsWith(group) ? name.substring(0, name.length() - group.length()) : name;
        return PathText.parse(file).getFileName().toString();
    }
}
