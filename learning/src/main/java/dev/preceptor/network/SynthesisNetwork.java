package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A network that first synthesises further images from its input, then segments from both. Its forward pass passes gradients to all
 * weights and gives the images as {@link Auxiliary#SYNTHESIS}. Both parts are owned by this network.
 */
public interface SynthesisNetwork extends Network {
    /** The part that synthesises: from images [B, C, X, Y, Z], its logits are the synthesised images [B, K, X, Y, Z]. */
    Network generator();

    /** The part that segments: from the input and the synthesised images, concatenated to [B, C + K, X, Y, Z]. */
    Network segmenter();

    /** The forward pass with a frozen generator: gradients end at the synthesised images, which are not among the features. */
    default Features forwardFrozen(Input input, Computation computation) {
        Tensor both = Tensors.scoped(() -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                Tensor images = generator().forward(input, computation).logits();
                return Tensors.cat(List.of(input.images(), images), 1);
            }
        });
        return segmenter().forward(both, computation);
    }
}
