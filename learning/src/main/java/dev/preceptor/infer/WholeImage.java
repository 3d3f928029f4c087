package dev.preceptor.infer;

import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Device;
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
     * The probabilities of the regions, 0 to 1, as x-fastest arrays.
     *
     * @param logits [K, X, Y, Z]
     */
    public static List<float[]> probabilities(Targets targets, Tensor logits) {
        Tensor regions = targets.probabilities(logits.unsqueeze(0)).squeeze(0);
        List<float[]> channels = new ArrayList<>();
        for (int i = 0; i < regions.size(0); i++) {
            channels.add(Tensors.toVoxels(regions.select(0, i)));
        }
        return channels;
    }
}
