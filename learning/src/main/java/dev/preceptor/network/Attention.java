package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;

/**
 * Attention of CBAM (Woo, Park, Lee, Kweon, ECCV 2018, arXiv 1807.06521) on tensors [B, C, X, Y, Z]. A gate multiplies its
 * input by numbers between 0 and 1 and keeps its shape.
 */
public enum Attention {
    /** The channel gate alone, as in the published runs of MTCM-KD. */
    CHANNEL {
        @Override
        public Layer gate(Parameters parameters, String name, int channels) {
            return channelGate(parameters, name, channels);
        }

        @Override
        public RecomputedOp concatGate(Parameters parameters, String name, int channels) {
            return channelGate(parameters, name, channels);
        }
    },
    /** The channel gate, then the spatial gate. */
    CBAM {
        @Override
        public Layer gate(Parameters parameters, String name, int channels) {
            return cbamGate(parameters, name, channels);
        }

        @Override
        public RecomputedOp concatGate(Parameters parameters, String name, int channels) {
            return cbamGate(parameters, name, channels);
        }
    };

    private static final int REDUCTION = 16;
    private static final int SPATIAL_KERNEL = 7;

    /** A gate for one tensor, whose weights start with {@code name}. */
    public abstract Layer gate(Parameters parameters, String name, int channels);

    /**
     * A gate for the concatenation of several tensors.
     *
     * @param channels of all of them together
     */
    public abstract RecomputedOp concatGate(Parameters parameters, String name, int channels);

    /** The perceptron has C, C / 16 and C channels with LeakyReLU between. */
    private static ChannelGate channelGate(Parameters parameters, String name, int channels) {
        int reduced = Math.max(channels / REDUCTION, 1);
        return new ChannelGate(Layers.linear(parameters, name + ".channel.reduce", channels, reduced)
                .then(new LeakyRelu(Layers.SLOPE))
                .then(Layers.linear(parameters, name + ".channel.expand", reduced, channels)));
    }

    private static CbamGate cbamGate(Parameters parameters, String name, int channels) {
        return new CbamGate(
                channelGate(parameters, name, channels),
                new SpatialGate(Layers.conv(parameters, name + ".spatial", 2, 1, SPATIAL_KERNEL)));
    }
}
