package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.Role;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The teachers that a recipe takes over from earlier trainings: model files, or those of a whole run. */
final class TeacherModels {
    private static final String SUFFIX = ".safetensors";

    private TeacherModels() {}

    /**
     * The trained teachers in the order of the recipe's; empty if it names none.
     *
     * @throws InvalidRecipeException if a teacher has no file, a file no teacher, or they were prepared for differently
     * @throws dev.preceptor.base.InvalidFileException if a file is no model
     */
    static List<TrainedTeacher> read(Recipe recipe) {
        if (recipe.teacherModels().isEmpty()) {
            return List.of();
        }
        Map<Path, ModelFile> models = new LinkedHashMap<>();
        files(recipe).forEach(file -> models.put(file, ModelFile.read(file)));
        List<TrainedTeacher> teachers = new ArrayList<>();
        for (List<Sequence> inputs : recipe.teachers()) {
            teachers.add(teacher(recipe, inputs, models));
        }
        return teachers;
    }

    /**
     * Whom the teachers had met.
     *
     * @param notices hears of a model that does not say it
     */
    static TrainedOn trainedOn(Recipe recipe, Consumer<String> notices) {
        TrainedOn all = TrainedOn.of(List.of(), List.of());
        for (Path file : files(recipe)) {
            Optional<TrainedOn> one = TrainedOn.of(ModelFile.read(file).description());
            if (one.isEmpty()) {
                notices.accept(
                        file + " does not say whom it was trained on; a subject that leaks through it is not found");
            }
            all = one.map(all::and).orElse(all);
        }
        return all;
    }

    private static TrainedTeacher teacher(Recipe recipe, List<Sequence> inputs, Map<Path, ModelFile> models) {
        Map<Path, ModelFile> fitting = new LinkedHashMap<>(models);
        fitting.values().removeIf(model -> !model.description().inputs().equals(inputs));
        if (fitting.size() != 1) {
            throw new InvalidRecipeException("teacherModels must hold one model for each teacher; for " + inputs
                    + " it has " + (fitting.isEmpty() ? "none" : fitting.keySet()));
        }
        Path file = fitting.keySet().iterator().next();
        ModelFile model = fitting.get(file);
        ModelDescription description = model.description();
        if (!description.preprocessing().equals(recipe.preprocessing())) {
            throw new InvalidRecipeException("teacherModels: " + file + " was trained with "
                    + description.preprocessing() + ", but the recipe has " + recipe.preprocessing());
        }
        return new TrainedTeacher(
                file.toString(), description.network(), description.inputs(), description.outputs(), model.weights());
    }

    private static List<Path> files(Recipe recipe) {
        List<Path> files = new ArrayList<>();
        for (String name : recipe.teacherModels()) {
            Path path = Path.of(name);
            if (Files.isDirectory(path)) {
                files.addAll(ofRun(path));
            } else if (Files.isRegularFile(path)) {
                files.add(path);
            } else {
                throw new InvalidRecipeException(
                        "teacherModels: there is no model file and no folder of a run " + path);
            }
        }
        return files;
    }

    private static List<Path> ofRun(Path run) {
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
}
