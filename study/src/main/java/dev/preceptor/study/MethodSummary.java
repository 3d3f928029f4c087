package dev.preceptor.study;

import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.Requirement;
import dev.preceptor.plan.MemoryEstimate;
import dev.preceptor.plan.StepMemory;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.RecipeLoader;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.StepTimer;
import dev.preceptor.train.StepTimer.PhaseTime;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a built-in recipe needs and costs. Everything is read from the recipe and from the method that it builds.
 *
 * @param name of the recipe without {@code -small}
 * @param recipe its small size, where there is one: the networks and the cost are those of this recipe
 * @param method name of the method
 * @param description of the recipe {@code name}, one sentence
 * @param student the sequences of the student
 * @param anySubset whether the student takes any subset of them
 * @param bedside the sequences that validation and studies show to the student
 * @param teachers the sequences of each teacher, or those that are synthesised
 * @param unlabelled whether the method learns from subjects without labels
 * @param networks the student, which is shipped, and what is trained or predicts beside it
 * @param cost of a step of each phase, in the order of the phases; empty where it was not measured
 */
public record MethodSummary(
        String name,
        String recipe,
        String method,
        String description,
        List<Sequence> student,
        boolean anySubset,
        List<Sequence> bedside,
        List<List<Sequence>> teachers,
        boolean unlabelled,
        List<TrainedNetwork> networks,
        List<StepCost> cost) {

    public MethodSummary {
        student = List.copyOf(student);
        bedside = List.copyOf(bedside);
        teachers = teachers.stream().map(List::copyOf).toList();
        networks = List.copyOf(networks);
        cost = List.copyOf(cost);
    }

    /**
     * A network of a method, or weights that are trained beside its networks.
     *
     * @param role name of the role, or of the weights
     * @param network name of the architecture; empty for weights that are part of no network
     * @param arguments settings of the architecture
     * @param sequences that it sees
     * @param weights number of scalars
     * @param shared how many of them are weights of the student too, or 0 for the student
     * @param shipped whether it is the product of the training
     */
    public record TrainedNetwork(
            String role,
            String network,
            Map<String, Object> arguments,
            List<Sequence> sequences,
            long weights,
            long shared,
            boolean shipped) {
        public TrainedNetwork {
            arguments = Map.copyOf(arguments);
            sequences = List.copyOf(sequences);
        }

        private static TrainedNetwork of(Role role, Role student) {
            NetworkSpec spec = role.network().spec();
            boolean isStudent = role.equals(student);
            return new TrainedNetwork(
                    role.name(),
                    spec.name(),
                    spec.arguments(),
                    role.inputs(),
                    role.network().parameters().count(),
                    isStudent
                            ? 0
                            : role.network()
                                    .parameters()
                                    .sharedCount(student.network().parameters()),
                    isStudent);
        }

        private static TrainedNetwork of(String name, Parameters weights) {
            return new TrainedNetwork(name, "", Map.of(), List.of(), weights.count(), 0, false);
        }
    }

    /**
     * The cost of a training step of one phase.
     *
     * @param phase name of the network that it trains
     * @param seconds the median of a few measured steps on random patches
     * @param estimatedBytes estimated peak of the tensors: weights with gradients and optimizer state, forward and backward pass;
     *     without libraries, the Java heap and cached outputs of teachers
     */
    public record StepCost(String phase, double seconds, long estimatedBytes) {}

    /**
     * The summary of a built-in recipe.
     *
     * @param name one of the built-in recipes, without {@code -small}
     * @param patch extents of a patch in the measured steps
     * @param timer measures the steps; empty to leave the cost out
     */
    static MethodSummary of(String name, Size patch, Optional<StepTimer> timer) {
        String small = name + MethodOverview.SMALL;
        String source = RecipeLoader.builtIn().contains(small) ? small : name;
        String size = "sampling.patch=[" + patch.x() + "," + patch.y() + "," + patch.z() + "]";
        Recipe recipe = Recipe.load(source, List.of(size));
        List<TrainedNetwork> networks = new ArrayList<>();
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))) {
            Role student = method.student().orElseThrow();
            networks.add(TrainedNetwork.of(student, student));
            method.roles().stream()
                    .filter(role -> !role.equals(student))
                    .map(role -> TrainedNetwork.of(role, student))
                    .forEach(networks::add);
            new TreeMap<>(method.auxiliaryParameters())
                    .forEach((auxiliary, weights) -> networks.add(TrainedNetwork.of(auxiliary, weights)));
            return new MethodSummary(
                    name,
                    source,
                    recipe.method(),
                    RecipeLoader.description(name),
                    recipe.student(),
                    student.network().requires() == Requirement.ANY_SUBSET,
                    recipe.inferenceInputs(),
                    recipe.teachers(),
                    method.usesUnlabelled(),
                    networks,
                    timer.map(measured -> cost(recipe, measured)).orElse(List.of()));
        }
    }

    private static List<StepCost> cost(Recipe recipe, StepTimer timer) {
        StepMemory memory = StepMemory.of(recipe, LabelSpace.BRATS_2018, List.of(), StepMemory.Heap.NONE, true);
        // The number of steps of a training, for which the timer asks the number of subjects, is not used.
        List<PhaseTime> times = timer.time(recipe, Optional.empty(), 1);
        List<StepCost> cost = new ArrayList<>();
        for (int i = 0; i < times.size(); i++) {
            MemoryEstimate estimate = memory.ofPhase(i)
                    .estimate(recipe.sampling().patchSize(), recipe.sampling().batch());
            cost.add(new StepCost(
                    times.get(i).role(),
                    times.get(i).secondsPerStep(),
                    estimate.weights() + estimate.forward() + estimate.backward()));
        }
        return cost;
    }

    /** The number of weights of the network that is shipped. */
    public long shippedWeights() {
        return networks.stream()
                .filter(TrainedNetwork::shipped)
                .mapToLong(TrainedNetwork::weights)
                .sum();
    }

    /** The number of weights of all that is trained or predicts beside it, without those that the student shares. */
    public long furtherWeights() {
        return networks.stream()
                .filter(network -> !network.shipped())
                .mapToLong(network -> network.weights() - network.shared())
                .sum();
    }
}
