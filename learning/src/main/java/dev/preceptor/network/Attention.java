package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention of CBAM (Woo, Park, Lee, Kweon, ECCV 2018, arXiv 1807.06521) on tensors [B, C, X, Y, Z]: which channels, and
 * where, a feature map is to be believed. A gate multiplies its input with numbers between 0 and 1 and keeps its shape.
 */
public enum Attention {
    /** The channel gate alone, as in the published runs of MTCM-KD. */
    CHANNEL {
        @Override
        Layer gate(Parameters parameters, String name, int channels) {
            return channelGate(parameters, name + ".channel", channels);
        }

        @Override
        RecomputedOp merge(Parameters parameters, String name, int channels) {
            return channelGate(parameters, name + ".channel", channels);
        }
    },
    /** The channel gate, then the spatial gate. */
    CBAM {
        @Override
        Layer gate(Parameters parameters, String name, int channels) {
            return channelGate(parameters, name + ".channel", channels)
                    .then(spatialGate(parameters, name + ".spatial"));
        }
    };

    private static final int REDUCTION = 16;
    private static final int SPATIAL_KERNEL = 7;
    private static final long[] CHANNELS = {1};

    /** A gate with weights of its own. */
    abstract Layer gate(Parameters parameters, String name, int channels);

    /** A gate of the concatenation of several tensors, which have so many channels together. */
    RecomputedOp merge(Parameters parameters, String name, int channels) {
        Layer gate = gate(parameters, name, channels);
        return parts -> gate.apply(Tensors.cat(parts, 1));
    }

    /** The mean and the maximum of each channel through one shared perceptron C, C / 16, C with LeakyReLU. */
    private static ChannelGate channelGate(Parameters parameters, String name, int channels) {
        int reduced = Math.max(channels / REDUCTION, 1);
        return new ChannelGate(Layers.linear(parameters, name + ".reduce", channels, reduced)
                .then(Layers::leakyReluInPlace)
                .then(Layers.linear(parameters, name + ".expand", reduced, channels)));
    }

    /** Mean and maximum over the channels through one convolution 7x7x7 and a sigmoid (equation 3). */
    private static Layer spatialGate(Parameters parameters, String name) {
        Layer conv = Layers.conv(parameters, name, 2, 1, SPATIAL_KERNEL);
        return x -> {
            Tensor most = x.max(1, true).get0();
            Tensor mean = x.mean(CHANNELS, true, new ScalarTypeOptional());
            return x.mul(conv.apply(Tensors.cat(List.of(most, mean), 1)).sigmoid());
        };
    }
}
