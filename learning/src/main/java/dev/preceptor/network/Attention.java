package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
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
    private static final long[] SPACE = {2, 3, 4};

    /** A gate with weights of its own. */
    abstract Layer gate(Parameters parameters, String name, int channels);

    /**
     * The mean and the maximum of each channel through one shared perceptron C, C / 16, C with LeakyReLU; the sum of both
     * through a sigmoid (equation 2).
     */
    private static Layer channelGate(Parameters parameters, String name, int channels) {
        int reduced = Math.max(channels / REDUCTION, 1);
        Layer perceptron = Layers.linear(parameters, name + ".reduce", channels, reduced)
                .then(Layers::leakyReluInPlace)
                .then(Layers.linear(parameters, name + ".expand", reduced, channels));
        return x -> {
            Tensor mean = perceptron.apply(x.mean(SPACE));
            Tensor most = perceptron.apply(most(x));
            return x.mul(mean.add(most).sigmoid().view(x.size(0), x.size(1), 1, 1, 1));
        };
    }

    /**
     * The maximum of each channel [B, C], whose gradient goes to the first voxel that has it. Slab by slab, since along the last
     * axis of a channels-last tensor libtorch looks for it channel by channel.
     */
    private static Tensor most(Tensor x) {
        Tensor slabs = x.permute(0, 2, 3, 4, 1).flatten(2, 3);
        Tensor first;
        try (NoGradGuard guard = new NoGradGuard()) {
            first = new Tensor(slabs.amax(new long[] {2}, false).max(1, true).get1());
        }
        Tensor slab = slabs.gather(1, first.unsqueeze(2).expand(-1, -1, slabs.size(2), -1));
        return new Tensor(slab.squeeze(1).max(1).get0());
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
