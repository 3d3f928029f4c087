package dev.preceptor.distill;

import dev.preceptor.network.Network;
import dev.preceptor.network.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How networks are trained together: the networks by role, and the phases of the training. A method knows no file, no command
 * line and no concrete network; the trainer knows no method. {@link KdNet} is the example to read first; a method of one's
 * own is registered by a {@link dev.preceptor.distill.spi.MethodProvider}.
 *
 * <pre>{@code
 * Recipe recipe = Recipe.load("kd-net-small", List.of());
 * try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), new Device("cpu"))) {
 *     method.roles().forEach(role -> System.out.println(role.name() + " sees " + role.inputs()));
 * }
 * }</pre>
 */
public interface Method extends AutoCloseable {
    /** The networks, the student among them; a run writes each as a model file. */
    List<Role> roles();

    /** The network that is shipped; empty for a method that has none of the name {@link Role#STUDENT}. */
    default Optional<Role> student() {
        return roles().stream().filter(role -> role.name().equals(Role.STUDENT)).findFirst();
    }

    /** The phases in their order; a phase may use the networks that earlier phases trained. */
    List<Phase> phases();

    /** Weights that are trained but belong to no role, by name; checkpoints contain them, model files do not. */
    default Map<String, Parameters> auxiliaryParameters() {
        return Map.of();
    }

    /** Whether a phase learns from patches without labels, which {@code sampling.unlabelled} adds. */
    default boolean usesUnlabelled() {
        return phases().stream().anyMatch(Phase::usesUnlabelled);
    }

    /** Frees all weights. */
    @Override
    default void close() {
        roles().stream().map(Role::network).forEach(Network::close);
        auxiliaryParameters().values().forEach(Parameters::close);
    }
}
