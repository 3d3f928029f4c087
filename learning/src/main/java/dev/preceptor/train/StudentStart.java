package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PathText;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.Targets;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.Weights;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The student's initial weights where {@code start} of the recipe takes them from a trained network. Convolutions over the input
 * have one slice of weights for each sequence; the student gets those of its own sequences, and all other weights as they are.
 */
final class StudentStart {
    private final Role student;
    private final String origin;
    private final List<Sequence> inputs;
    private final Map<String, long[]> shapes;
    private final Supplier<Map<String, ArrayData>> weights;

    private StudentStart(
            Role student,
            String origin,
            List<Sequence> inputs,
            Targets outputs,
            Map<String, long[]> shapes,
            Supplier<Map<String, ArrayData>> weights) {
        this.student = student;
        this.origin = origin;
        this.inputs = inputs;
        this.shapes = shapes;
        this.weights = weights;
        requireSequences();
        requireOutputs(outputs);
        requireShapes();
    }

    /**
     * Where the student starts.
     *
     * @return empty for fresh weights
     * @throws InvalidRecipeException if there is no such network, or it does not fit the student
     */
    static Optional<StudentStart> of(Recipe recipe, Method method) {
        if (recipe.start().equals(Recipe.FRESH)) {
            return Optional.empty();
        }
        Role student = method.student()
                .orElseThrow(() -> new InvalidRecipeException(
                        "start must be fresh: the method " + recipe.method() + " has no student"));
        return Optional.of(
                recipe.start().equals(Recipe.FROM_TEACHER)
                        ? ofTeacher(student, method)
                        : ofModel(student, model(recipe)));
    }

    private static StudentStart ofTeacher(Role student, Method method) {
        Role teacher = method.roles().stream()
                .filter(role -> role != student && isTrainedBefore(role, method))
                .filter(role -> role.inputs().containsAll(student.inputs()))
                .findFirst()
                .orElseThrow(() -> new InvalidRecipeException(
                        "start is teacher, but no teacher that is trained before the student sees " + student.inputs()
                                + "; choose fresh, a model file or the folder of a run"));
        Parameters parameters = teacher.network().parameters();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        parameters.asMap().forEach((name, tensor) -> shapes.put(name, Tensors.shape(tensor)));
        return new StudentStart(
                student,
                "the " + teacher.name(),
                teacher.inputs(),
                teacher.outputs(),
                shapes,
                () -> Weights.of("", parameters));
    }

    private static boolean isTrainedBefore(Role role, Method method) {
        return role.trained()
                || method.phases().stream()
                        .takeWhile(phase -> !phase.leading().name().equals(Role.STUDENT))
                        .map(Phase::leading)
                        .anyMatch(leading -> leading.name().equals(role.name()));
    }

    private static StudentStart ofModel(Role student, ModelFile model) {
        ModelDescription description = model.description();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        model.weights().forEach((name, array) -> shapes.put(name, array.shape()));
        return new StudentStart(
                student, "the model", description.inputs(), description.targets(), shapes, model::weights);
    }

    private static ModelFile model(Recipe recipe) {
        ModelFile model = ModelFile.read(file(recipe.start()));
        if (!model.description().preprocessing().equals(recipe.preprocessing())) {
            throw new InvalidRecipeException("start: " + recipe.start() + " was trained with "
                    + model.description().preprocessing() + ", but the recipe has " + recipe.preprocessing());
        }
        return model;
    }

    private static Path file(String start) {
        Path path = PathText.parse(start);
        Path file = Files.isDirectory(path) ? new RunFolder(path).model(Role.STUDENT) : path;
        if (!Files.isRegularFile(file)) {
            throw new InvalidRecipeException(
                    "start must be fresh, teacher, a model file or the folder of a finished run;" + " there is no file "
                            + file);
        }
        return file;
    }

    /**
     * The subjects that a model file given as {@code start} was trained on; empty if none is given.
     *
     * @throws InvalidRecipeException if the file does not record them
     */
    static Optional<TrainedOn> trainedOn(Recipe recipe) {
        if (recipe.start().equals(Recipe.FRESH) || recipe.start().equals(Recipe.FROM_TEACHER)) {
            return Optional.empty();
        }
        return Optional.of(
                TrainedOn.of(ModelFile.read(file(recipe.start())).description())
                        .orElseThrow(
                                () -> new InvalidRecipeException(
                                        "start: " + recipe.start()
                                                + " does not record the subjects it was trained on, so that a leak through it cannot be found")));
    }

    private void requireSequences() {
        if (inputs.size() == student.inputs().size() && !inputs.equals(student.inputs())) {
            throw new InvalidRecipeException("start: " + origin + " sees " + inputs + ", but the student "
                    + student.inputs() + "; name as many sequences in the same order");
        }
        if (!inputs.containsAll(student.inputs())) {
            throw new InvalidRecipeException(
                    "start: " + origin + " sees " + inputs + ", but the student " + student.inputs());
        }
    }

    private void requireOutputs(Targets outputs) {
        Targets own = student.outputs();
        if (outputs.encoding() != own.encoding() || !outputs.labels().hasRegionsOf(own.labels())) {
            throw new InvalidRecipeException(
                    "start: " + origin + " has the outputs " + outputs + ", but the student has " + own);
        }
    }

    private void requireShapes() {
        student.network().parameters().asMap().forEach((name, tensor) -> {
            long[] shape = Tensors.shape(tensor);
            long[] given = shapes.get(name);
            if (given == null || !(Arrays.equals(given, shape) || isOverInputs(given, shape))) {
                throw new InvalidRecipeException("start: the network of " + origin
                        + " differs from that of the student: "
                        + name + " is " + (given == null ? "absent" : Arrays.toString(given)) + " there and "
                        + Arrays.toString(shape) + " in the student; start with equal network settings, or fresh");
            }
        });
    }

    /** Whether two convolution weights [O, I, X, Y, Z] differ in I alone, and I are the sequences of both networks. */
    private boolean isOverInputs(long[] given, long[] own) {
        return given.length == own.length
                && given.length > 1
                && given[1] == inputs.size()
                && own[1] == student.inputs().size()
                && IntStream.range(0, given.length)
                        .filter(axis -> axis != 1)
                        .allMatch(axis -> given[axis] == own[axis]);
    }

    /** Overwrites the weights of the student. */
    void apply() {
        Map<String, ArrayData> source = weights.get();
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> start = new LinkedHashMap<>();
            student.network().parameters().asMap().forEach((name, tensor) -> {
                Tensor given = source.get(name).toTensor();
                boolean isCut = !Arrays.equals(Tensors.shape(given), Tensors.shape(tensor));
                start.put(name, isCut ? ofOwnSequences(given) : given);
            });
            student.network().parameters().assign(start);
        }
    }

    private Tensor ofOwnSequences(Tensor given) {
        return Tensors.cat(
                student.inputs().stream()
                        .map(sequence -> given.narrow(1, inputs.indexOf(sequence), 1))
                        .toList(),
                1);
    }
}
