package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Features;
import dev.preceptor.network.Network;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.Sequence;
import java.util.List;

/**
 * A network and its part in a method.
 *
 * @param name {@code student}, {@code teacher}, or {@code teacher-...} where there are several
 * @param network the network
 * @param inputs the sequences that it sees, in the order of its channels
 * @param outputs what its channels mean
 * @param trained whether it came with the weights of an earlier training
 * @param computation how the network computes
 */
public record Role(
        String name,
        Network network,
        List<Sequence> inputs,
        TargetEncoding outputs,
        boolean trained,
        Computation computation) {
    /** The role whose model is shipped. */
    public static final String STUDENT = "student";

    /** The only teacher, or the beginning of the names of several. */
    public static final String TEACHER = "teacher";

    public Role {
        inputs = List.copyOf(inputs);
    }

    /** What the network makes of its sequences of a batch. */
    public Features forward(Batch batch) {
        return network.forward(batch.input(inputs), computation);
    }
}
