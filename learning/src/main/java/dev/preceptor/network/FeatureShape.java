package dev.preceptor.network;

/**
 * The shape of a feature map [B, C, X, Y, Z] for any input.
 *
 * @param channels C
 * @param stride ratio of the full resolution to that of the feature map
 */
public record FeatureShape(int channels, int stride) {
    /** The shape of the bottleneck of a network. */
    public static FeatureShape ofBottleneck(Network network) {
        return new FeatureShape(network.bottleneckChannels(), network.totalStride());
    }

    /** Whether feature maps of both shapes have a common resolution: one stride is a multiple of the other. */
    public boolean hasResolutionInCommonWith(FeatureShape other) {
        return Math.max(stride, other.stride) % Math.min(stride, other.stride) == 0;
    }

    /** {@code 240 channels at 1/16}. */
    @Override
    public String toString() {
        return channels + " channels at 1/" + stride;
    }
}
