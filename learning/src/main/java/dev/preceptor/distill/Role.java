package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Features;
import dev.preceptor.network.Input;
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
 * @param bedside those of them that are there at prediction: all, or for a network that takes any subset some
 * @param outputs what its output channels mean
 * @param trained whether its weights come from an earlier training
 * @param computation how the network computes
 */
public record Role(
        String name,
        Network network,
        List<Sequence> inputs,
        List<Sequence> bedside,
        Targets outputs,
        boolean trained,
        Computation computation) {
    /** The name of the student, whose model is the product of a training. */
    public static final String STUDENT = "student";

    /** The name of a single teacher, and the prefix of the names of several. */
    public static final String TEACHER = "teacher";

    public Role {
        inputs = List.copyOf(inputs);
        bedside = List.copyOf(bedside);
    }

    /** A role whose sequences are all there at prediction. */
    public Role(
            String name,
            Network network,
            List<Sequence> inputs,
            Targets outputs,
            boolean trained,
            Computation computation) {
        this(name, network, inputs, inputs, outputs, trained, computation);
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
        return forward(batch.input(inputs));
    }

    /** The forward pass on images and presence of this role's inputs. */
    public Features forward(Input input) {
        return network.forward(input, computation);
    }

    /** {@link #forward(Batch)} as at prediction: sequences that are not there at the bedside are absent. */
    public Features forwardAtBedside(Batch batch) {
        if (bedside.equals(inputs)) {
            return forward(batch);
        }
        batch.requireAll(bedside, name);
        // Every sample has what the bedside has.
        return forward(Input.of(batch.images(inputs), atBedside()));
    }

    /** Whether each input is there at prediction. */
    public boolean[] atBedside() {
        boolean[] present = new boolean[inputs.size()];
        for (int c = 0; c < present.length; c++) {
            present[c] = bedside.contains(inputs.get(c));
        }
        return present;
    }
}
