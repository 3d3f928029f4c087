package dev.preceptor.network;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A segmentation network with its weights. Not thread-safe while it is being trained; forwards alone may run side by side. */
public interface Network extends AutoCloseable {
    /** What builds this network again, without its weights. */
    NetworkSpec spec();

    /** The weights by name; the names stand in the model file. */
    Parameters parameters();

    /**
     * Runs the network.
     *
     * @param input [B, C, X, Y, Z] with C = {@code spec().inputs()}, each spatial extent a multiple of {@link #totalStride()}
     * @param computation how
     */
    Features forward(Tensor input, Computation computation);

    /** {@link #forward(Tensor, Computation)} in float32. */
    default Features forward(Tensor input) {
        return forward(input, Computation.PLAIN);
    }

    /** What each spatial extent of an input must be a multiple of. */
    int totalStride();

    /** The channels of each decoder stage, in the order of {@link Features#decoder()}. */
    List<Integer> decoderChannels();

    /** Frees the weights. */
    @Override
    default void close() {
        parameters().close();
    }
}
