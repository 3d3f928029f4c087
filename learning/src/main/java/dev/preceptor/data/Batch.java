package dev.preceptor.data;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.data.PatchDescription.ChannelState;
import dev.preceptor.network.Input;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The tensors of one training step, owned by the scope in which they were created.
 *
 * @param sequences the sequences of the channels, in order
 * @param images [B, C, X, Y, Z], float32, intensities after {@link Preprocessing}; 0 in channels that are not measured
 * @param classes [B, X, Y, Z], int64, as in {@link Sample}; in patches without labels those that a phase's labelling networks
 *     predict, or {@link Sample#IGNORED} throughout
 * @param patches for each patch where it comes from, which channels are measured, and whether it has labels
 */
public record Batch(List<Sequence> sequences, Tensor images, Tensor classes, List<PatchDescription> patches) {
    public Batch {
        sequences = List.copyOf(sequences);
        patches = List.copyOf(patches);
    }

    /** A batch of labelled patches with every sequence. */
    public Batch(List<Sequence> sequences, Tensor images, Tensor classes) {
        this(
                sequences,
                images,
                classes,
                Collections.nCopies(Math.toIntExact(images.size(0)), PatchDescription.complete(sequences.size())));
    }

    /** Copies a batch to tensors on a device; the innermost scope owns them. */
    public static Batch of(HostBatch hostBatch, List<Sequence> sequences, Device device) {
        int count = hostBatch.patches().size();
        Size size = hostBatch.size();
        return new Batch(
                sequences,
                Tensors.onDevice(hostBatch.images(), device, count, sequences.size(), size.x(), size.y(), size.z()),
                // One byte a voxel is copied to the device, which makes eight of it.
                Tensors.scoped(() -> Tensors.onDevice(hostBatch.classes(), device, count, size.x(), size.y(), size.z())
                        .to(torch.ScalarType.Long)),
                hostBatch.patches());
    }

    /**
     * Some patches of the batch.
     *
     * @param indices of the patches, from 0, in the order of the result
     */
    public Batch select(List<Integer> indices) {
        if (indices.size() == patches.size()
                && IntStream.range(0, indices.size()).allMatch(i -> indices.get(i) == i)) {
            return this;
        }
        return new Batch(
                sequences,
                Tensors.rows(images, indices),
                Tensors.rows(classes, indices),
                indices.stream().map(patches::get).toList());
    }

    /** Whether each patch has labels. */
    public List<Boolean> labelled() {
        return patches.stream().map(PatchDescription::labelled).toList();
    }

    /** The key of each patch; empty if a patch has none. */
    public Optional<List<PatchKey>> keys() {
        return patches.stream().allMatch(patch -> patch.key().isPresent())
                ? Optional.of(
                        patches.stream().map(patch -> patch.key().orElseThrow()).toList())
                : Optional.empty();
    }

    /**
     * The channels of the given sequences, in the given order, and which of them are measured.
     *
     * @throws IllegalArgumentException if the batch has no channel of one of them
     */
    public Input input(List<Sequence> inputs) {
        boolean[][] present = new boolean[patches.size()][inputs.size()];
        for (int b = 0; b < present.length; b++) {
            for (int c = 0; c < present[b].length; c++) {
                present[b][c] = patches.get(b).channels().get(channel(inputs.get(c))) == ChannelState.MEASURED;
            }
        }
        return new Input(images(inputs), present);
    }

    /**
     * The channels of the given sequences, in the given order, [B, C, X, Y, Z].
     *
     * @throws IllegalArgumentException if the batch has no channel of one of them
     */
    public Tensor images(List<Sequence> inputs) {
        if (inputs.equals(sequences)) {
            return images;
        }
        return Tensors.cat(
                inputs.stream()
                        .map(sequence -> images.narrow(1, channel(sequence), 1))
                        .toList(),
                1);
    }

    /**
     * Refuses a patch of a subject that lacks one of the sequences. Sequences that augmentation dropped are accepted.
     *
     * @param reader the network that needs the sequences, for the message
     * @throws InvalidCohortException that names subject and sequence
     */
    public void requireAll(List<Sequence> inputs, String reader) {
        for (PatchDescription patch : patches) {
            for (Sequence sequence : inputs) {
                if (patch.channels().get(channel(sequence)) == ChannelState.ABSENT) {
                    throw new InvalidCohortException("subject " + patch.subject() + " has no " + sequence
                            + ", and the network of the " + reader + " needs all of its sequences " + inputs
                            + "; leave the subject out, or choose a network that takes any subset");
                }
            }
        }
    }

    private int channel(Sequence sequence) {
        int channel = sequences.indexOf(sequence);
        if (channel < 0) {
            throw new IllegalArgumentException("no " + sequence + " among " + sequences);
        }
        return channel;
    }
}
