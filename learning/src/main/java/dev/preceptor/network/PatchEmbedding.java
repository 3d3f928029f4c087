package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Torch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Embeds the features of a patch on the unit sphere, as PMKL does (Chen, Dou, Jin, Liu, Heng, IEEE TMI 2021): the means of the
 * features over the eight octants of the patch, a linear map to 32, ReLU, a linear map to 16, and division by the L2 norm.
 */
public final class PatchEmbedding {
    /** Dimension of an embedding. */
    public static final int DIMENSION = 16;

    private static final int HALVES = 2;
    private static final int OCTANTS = HALVES * HALVES * HALVES;
    private static final double EPSILON = 1e-12;

    private final Parameters parameters = new Parameters();
    private final Layer layers;

    /**
     * Builds the embedding with fresh He-normal weights.
     *
     * @param channels C of the features
     * @param seed of the fresh weights; the same seed gives the same weights
     */
    public PatchEmbedding(int channels, long seed) {
        Torch.open();
        torch.manual_seed(seed);
        Layer hidden = Layers.linear(parameters, "linear.0", OCTANTS * channels, 2 * DIMENSION);
        this.layers = hidden.then(torch::relu).then(Layers.linear(parameters, "linear.1", 2 * DIMENSION, DIMENSION));
    }

    /** The weights. */
    public Parameters parameters() {
        return parameters;
    }

    /**
     * The embeddings [B, 16], each of L2 norm 1.
     *
     * @param features [B, C, X, Y, Z], each spatial extent even
     */
    public Tensor of(Tensor features) {
        Tensor octants = BlockMean.over(
                features, features.size(2) / HALVES, features.size(3) / HALVES, features.size(4) / HALVES);
        return UnitVectors.of(layers.apply(octants.flatten(1, -1)), EPSILON);
    }
}
