package dev.preceptor.recipe;

import dev.preceptor.cohort.Subject;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The sequences that a network of a recipe needs of each subject.
 *
 * @param network the network in messages, such as {@code student}
 * @param sequences at least one
 * @param all whether the network needs all of them; if false, at least one
 */
public record SequenceNeed(String network, List<Sequence> sequences, boolean all) {
    public SequenceNeed {
        sequences = List.copyOf(sequences);
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException(network + " needs at least one sequence");
        }
    }

    /** The same sequences for a network that takes any subset of them. */
    public SequenceNeed any() {
        return new SequenceNeed(network, sequences, false);
    }

    /** The sequences that a subject lacks for this network; files with a fault count as present, because they are refused. */
    List<Sequence> lackedBy(Subject subject) {
        List<Sequence> missing = subject.missing(sequences);
        return all || missing.size() == sequences.size() ? missing : List.of();
    }

    /** The sequences by name, separated by commas. */
    String text() {
        return text(sequences);
    }

    static String text(List<Sequence> sequences) {
        return sequences.stream().sorted().map(Sequence::name).collect(Collectors.joining(", "));
    }
}
