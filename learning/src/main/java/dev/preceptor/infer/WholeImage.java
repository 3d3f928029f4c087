package dev.preceptor.infer;

import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Converts a preprocessed subject to the input of a {@link SlidingWindow}, and its logits to probabilities. */
public final class WholeImage {
    private WholeImage() {}

    /** The images of a subject, float32 [C, X, Y, Z] on a device, owned by the innermost scope. */
    public static Tensor tensor(PreprocessedSubject subject, Device device) {
        Size size = subject.grid().size();
        return Tensors.stack(
                        subject.images().stream()
                                .map(voxels -> Tensors.ofVoxels(voxels, size))
                                .toList(),
                        0)
                .to(device, torch.ScalarType.Float);
    }

    /**
     * The images of a subject in the channels of a network, with zeros in those that are absent.
     *
     * @param images [n, X, Y, Z], the channels that are present
     * @param present whether each channel of the network is present, n of them
     * @return [C, X, Y, Z]
     */
    public static Tensor channels(Tensor images, boolean[] present) {
        if (images.size(0) == present.length) {
            return images;
        }
        List<Tensor> channels = new ArrayList<>();
        int next = 0;
        for (boolean isPresent : present) {
            channels.add(isPresent ? images.select(0, next++) : torch.zeros_like(images.select(0, 0)));
        }
        return Tensors.stack(channels, 0);
    }

    /**
     * The probabilities of the regions, 0 to 1, as x-fastest arrays.
     *
     * @param logits [K, X, Y, Z]
     */
    public static List<float[]> probabilities(Targets targets, Tensor logits) {
        // A sum of softmax probabilities may exceed 1 by rounding.
        Tensor regions = targets.probabilities(logits.unsqueeze(0)).squeeze(0).clamp_max_(new Scalar(1.0));
        List<float[]> channels = new ArrayList<>();
        for (int i = 0; i < regions.size(0); i++) {
            channels.add(Tensors.toVoxels(regions.select(0, i)));
        }
        return channels;
    }
}
