package dev.preceptor.network;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A segmentation network and its weights. Forward passes without gradients may run in several threads at once; training runs
 * in one. A network of one's own implements this interface and is registered by a
 * {@link dev.preceptor.network.spi.NetworkProvider}.
 *
 * <pre>{@code
 * NetworkSpec spec = new NetworkSpec("unet", 1, 3, Map.of("widths", List.of(8, 16, 32)));
 * try (PointerScope scope = new PointerScope();
 *         Network network = Networks.build(spec, 42)) {
 *     Tensor logits = network.forward(torch.randn(1, 1, 32, 32, 32)).logits(); // [1, 3, 32, 32, 32]
 * }
 * }</pre>
 */
public interface Network extends AutoCloseable {
    /** Name and arguments from which an equal network, with other weights, can be built; with every default written out. */
    NetworkSpec spec();

    /** The weights by name; model files contain them under these names. */
    Parameters parameters();

    /** Which of its input channels must be present. */
    default Requirement requires() {
        return Requirement.ALL;
    }

    /** What its features contain in a training step besides logits. */
    default Set<Auxiliary> auxiliaries() {
        return Set.of();
    }

    /**
     * The names of the weights of the stages with the lowest resolutions, which see features only and no image, so that networks
     * with other inputs may have the same.
     *
     * @param levels 1 for the bottleneck, 2 for that and the encoder and decoder stages above it, and so on
     * @return empty if the network has no such stages or does not name them
     */
    default Set<String> deepWeights(int levels) {
        return Set.of();
    }

    /**
     * The forward pass on a tape, which computes it or writes it as a graph.
     *
     * @param tape the operations; whatever is computed from the images is computed by it
     * @param input images [B, C, X, Y, Z] with C = {@code spec().inputs()}, each spatial extent a multiple of
     *     {@link #totalStride()}. A network that requires {@link Requirement#ALL} channels may ignore which are present: its
     *     caller refuses subjects that lack one, so that only those channels are absent that augmentation dropped on purpose
     */
    Features forward(Tape tape, Input input);

    /**
     * The forward pass.
     *
     * @param computation precision, and what the backward pass computes again
     */
    default Features forward(Input input, Computation computation) {
        return forward(Tape.of(computation), input);
    }

    /** The forward pass on images of which every channel is present. */
    default Features forward(Tensor images, Computation computation) {
        return forward(Input.complete(images), computation);
    }

    /** {@link #forward(Input, Computation)} in float32. */
    default Features forward(Input input) {
        return forward(input, Computation.PLAIN);
    }

    /** {@link #forward(Tensor, Computation)} in float32. */
    default Features forward(Tensor images) {
        return forward(images, Computation.PLAIN);
    }

    /** The ratio of full resolution to bottleneck resolution; each spatial extent of an input is a multiple of it. */
    int totalStride();

    /** The channels of each decoder stage, from the full resolution down, as {@link Features#decoder} orders them. */
    List<Integer> decoderChannels();

    /** The channels of {@link Features#bottleneck}, which has 1/{@link #totalStride()} of the full resolution. */
    int bottleneckChannels();

    /** Frees the weights. */
    @Override
    default void close() {
        parameters().close();
    }
}
