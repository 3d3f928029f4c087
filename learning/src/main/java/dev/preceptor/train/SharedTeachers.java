package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.plan.Planner;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.Weights;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * Trainings that use the teachers of another training, checked before either has run: the networks of the other recipe stand in
 * for its trained teachers. Stateless.
 */
public final class SharedTeachers {
    private SharedTeachers() {}

    /**
     * Checks that a training can use the teachers of another one without training them further. Builds the networks of both
     * recipes; reads no volume.
     *
     * @param recipe of the training that uses the teachers
     * @param owner recipe of the training that trains them
     * @param labels the regions and classes that the networks segment
     * @throws InvalidRecipeException in one line, if a teacher is missing, does not fit, or would be trained further
     */
    public static void check(Recipe recipe, Recipe owner, LabelSpace labels) {
        Torch.open();
        boolean isPlanned = recipe.plan() == Planning.AUTO;
        Recipe built = isPlanned ? Planner.deepest(recipe) : recipe;
        try (Method method =
                built.build(labels, untrained(built, isPlanned ? Planner.deepest(owner) : owner, labels), cpu())) {
            if (!isPlanned) {
                Preflight.requireFittingPatch(recipe, method);
            }
            requireFrozen(method);
        }
    }

    /**
     * The teachers of a recipe with the networks of another recipe and fresh weights.
     *
     * @throws InvalidRecipeException if the other recipe trains no teacher with the same sequences
     */
    static List<TrainedTeacher> untrained(Recipe recipe, Recipe owner, LabelSpace labels) {
        if (!owner.preprocessing().equals(recipe.preprocessing())) {
            throw new InvalidRecipeException("the teachers are trained with " + owner.preprocessing()
                    + ", but the student with " + recipe.preprocessing() + "; give both the same preprocessing");
        }
        try (Method method = owner.build(labels, List.of(), cpu())) {
            return recipe.teachers().stream()
                    .map(inputs -> untrained(method, inputs))
                    .toList();
        }
    }

    private static TrainedTeacher untrained(Method owner, List<Sequence> inputs) {
        Role role = owner.roles().stream()
                .filter(one ->
                        one.name().startsWith(Role.TEACHER) && one.inputs().equals(inputs))
                .findFirst()
                .orElseThrow(() -> new InvalidRecipeException("no teacher with the sequences " + inputs
                        + " is trained there; it trains "
                        + owner.roles().stream().map(Role::name).toList()));
        return new TrainedTeacher(
                role.name(),
                role.network().spec(),
                role.inputs(),
                role.outputs(),
                Weights.of("", role.network().parameters()));
    }

    private static void requireFrozen(Method method) {
        Set<Tensor> trained = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Phase phase : method.phases()) {
            phase.parameterGroups()
                    .values()
                    .forEach(group -> trained.addAll(group.weights().values()));
        }
        method.roles().stream()
                .filter(Role::trained)
                .filter(role ->
                        role.network().parameters().asMap().values().stream().anyMatch(trained::contains))
                .findFirst()
                .ifPresent(role -> {
                    throw new InvalidRecipeException("the method would train the " + role.name()
                            + " further, so that the teachers would differ; freeze them (distillation.teachers=FIRST"
                            + " for mtcm-kd), or let each arm train its own");
                });
    }

    private static Device cpu() {
        return Torch.device("cpu");
    }
}
