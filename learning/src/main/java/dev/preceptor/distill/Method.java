package dev.preceptor.distill;

import dev.preceptor.network.Network;
import dev.preceptor.network.Parameters;
import java.util.List;
import java.util.Map;

/** Networks and the phases in which they are trained. */
public interface Method extends AutoCloseable {
    /** The networks, the student among them; each becomes a model file of the run. */
    List<Role> roles();

    /** The phases in their order; a phase may rely on the networks that earlier ones have trained. */
    List<Phase> phases();

    /** Weights that are trained but belong to no role and are not shipped, by name; they are part of a checkpoint. */
    default Map<String, Parameters> auxiliaryParameters() {
        return Map.of();
    }

    /** Frees all weights. */
    @Override
    default void close() {
        roles().stream().map(Role::network).forEach(Network::close);
        auxiliaryParameters().values().forEach(Parameters::close);
    }
}
