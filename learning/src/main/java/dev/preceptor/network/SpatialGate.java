package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The spatial attention of CBAM (Woo et al., ECCV 2018, arXiv 1807.06521, equation 3): each voxel is multiplied by the
 * sigmoid of a convolution of the maximum and the mean over its channels.
 *
 * @param convolution from two channels (maximum, mean) to one
 */
public record SpatialGate(Layer convolution) implements Layer {
    private static final long[] CHANNELS = {1};

    @Override
    public Tensor apply(Tensor x) {
        Tensor maximum = x.max(1, true).get0();
        Tensor mean = x.mean(CHANNELS, true, new ScalarTypeOptional());
        return x.mul(convolution.apply(Tensors.cat(List.of(maximum, mean), 1)).sigmoid());
    }
}
