package dev.preceptor.distill;

import dev.preceptor.network.Network;
import java.util.List;

/** Networks and the phases in which they are trained. */
public interface Method extends AutoCloseable {
    /** The networks, the student among them; each becomes a model file of the run. */
    List<Role> roles();

    /** The phases in their order; a phase may rely on the networks that earlier ones have trained. */
    List<Phase> phases();

    /** Frees the networks. */
    @Override
    default void close() {
        roles().stream().map(Role::network).forEach(Network::close);
    }
}
