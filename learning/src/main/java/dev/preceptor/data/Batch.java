package dev.preceptor.data;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The tensors of one training step, owned by the scope in which they were created.
 *
 * @param sequences the sequences of the channels, in order
 * @param images [B, C, X, Y, Z], float32, intensities after {@link Preprocessing}
 * @param classes [B, X, Y, Z], int64: 0 background, the numbers of the classes in the label space from 1,
 *     {@link Sample#IGNORED}
 */
public record Batch(List<Sequence> sequences, Tensor images, Tensor classes) {
    public Batch {
        sequences = List.copyOf(sequences);
    }

    /** Copies a batch to tensors on a device; the innermost scope owns them. */
    public static Batch of(HostBatch hostBatch, List<Sequence> sequences, Device device) {
        int count = hostBatch.subjects().size();
        Size size = hostBatch.size();
        Tensor images = Tensors.of(hostBatch.images(), count, sequences.size(), size.x(), size.y(), size.z());
        Tensor classes = Tensors.of(hostBatch.classes(), count, size.x(), size.y(), size.z());
        return new Batch(
                sequences, images.to(device, torch.ScalarType.Float), classes.to(device, torch.ScalarType.Long));
    }

    /**
     * The channels of the given sequences, in the given order, [B, C, X, Y, Z].
     *
     * @throws IllegalArgumentException if the batch lacks one of them
     */
    public Tensor input(List<Sequence> inputs) {
        if (inputs.equals(sequences)) {
            return images;
        }
        return Tensors.cat(
                inputs.stream()
                        .map(sequence -> {
                            int channel = sequences.indexOf(sequence);
                            if (channel < 0) {
                                throw new IllegalArgumentException("no " + sequence + " among " + sequences);
                            }
                            return images.narrow(1, channel, 1);
                        })
                        .toList(),
                1);
    }
}
