package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The discriminator of holistic distillation (Liu et al., CVPR 2019, arXiv 1903.04197): a fully convolutional network that scores
 * a segmentation, given the images. Three 3x3x3 convolutions with stride 2 and LeakyReLU 0.1, with w, 2w and 4w channels, and a
 * 3x3x3 convolution to one score for each position. It has no norm, because a gradient penalty is a condition on single samples
 * (Gulrajani et al., NeurIPS 2017, arXiv 1704.00028).
 */
public final class SegmentationCritic {
    private static final int STAGES = 3;
    private static final double SLOPE = 0.1;

    private final Parameters parameters = new Parameters();
    private final Layer layers;

    /**
     * Builds the network with fresh He-normal weights.
     *
     * @param images channels of the images
     * @param outputs K, channels of the segmentation
     * @param width w, channels after the first convolution
     * @param seed of the fresh weights; the same seed gives the same weights
     */
    public SegmentationCritic(int images, int outputs, int width, long seed) {
        Torch.open();
        torch.manual_seed(seed);
        List<Layer> stages = new ArrayList<>();
        int channels = images + outputs;
        for (int i = 0; i < STAGES; i++) {
            ConvolutionOp convolution = Layers.conv(parameters, "conv." + i, channels, width << i, 3, 2);
            stages.add(x -> torch.leaky_relu(convolution.apply(x), new Scalar(SLOPE)));
            channels = width << i;
        }
        ConvolutionOp score = Layers.conv(parameters, "score", channels, 1, 3);
        this.layers = stages.stream().reduce(Layer::then).orElseThrow().then(score::apply);
    }

    /** The weights. */
    public Parameters parameters() {
        return parameters;
    }

    /**
     * The scores [B, 1, X, Y, Z], at 1/8 of the resolution, rounded up.
     *
     * @param images [B, C, X, Y, Z]
     * @param probabilities of the segmentation, [B, K, X, Y, Z]
     */
    public Tensor scores(Tensor images, Tensor probabilities) {
        return layers.apply(Tensors.cat(List.of(images, probabilities), 1));
    }
}
