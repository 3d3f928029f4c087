package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Features;
import dev.preceptor.network.Network;
import dev.preceptor.network.Requirement;
import dev.preceptor.network.Targets;
import dev.preceptor.volume.Sequence;
import java.util.List;

/**
 * A network and its role in a method.
 *
 * @param name {@code student}, {@code teacher}, or {@code teacher-...} where there are several
 * @param network the network
 * @param inputs the sequences of its input channels, in this order
 * @param outputs what its output channels mean
 * @param trained whether its weights come from an earlier training
 * @param computation how the network computes
 */
public record Role(
        String name,
        Network network,
        List<Sequence> inputs,
        Targets outputs,
        boolean trained,
        Computation computation) {
    /** The name of the student, whose model is the product of a training. */
    public static final String STUDENT = "student";

    /** The name of a single teacher, and the prefix of the names of several. */
    public static final String TEACHER = "teacher";

    public Role {
        inputs = List.copyOf(inputs);
    }

    /** The name of the role with its network, for messages: {@code student (unet {heads=0, skips=2, widths=[8, 16, 32]})}. */
    String describe() {
        return name + " (" + network.spec().name() + " " + network.spec().arguments() + ")";
    }

    /**
     * The forward pass on the sequences of a batch that are this role's inputs.
     *
     * @throws dev.preceptor.base.InvalidCohortException if a subject lacks one of them and the network needs all
     */
    public Features forward(Batch batch) {
        if (network.requires() == Requirement.ALL) {
            batch.requireAll(inputs, name);
        }
        return network.forward(batch.input(inputs), computation);
    }
}
