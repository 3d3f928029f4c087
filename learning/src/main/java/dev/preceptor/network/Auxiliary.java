package dev.preceptor.network;

/** What a network gives besides logits in a training step, in {@link Features#auxiliary}, for losses of its own. */
public enum Auxiliary {
    /**
     * The parameters of {@link Gaussian} latents of each input channel at each level, [B, 2C, X, Y, Z] at 1/2^level of the full
     * resolution; of channels that the subject lacks without meaning.
     */
    LATENT,
    /** Each input channel, reconstructed from what the present ones share, [B, 1, X, Y, Z]; level 0. */
    RECONSTRUCTION,
    /** Scale and shift that describe the appearance of each input channel, the halves of [B, 2C]; level 0. */
    STYLE,
    /** Logits from each input channel alone, [B, K, X, Y, Z]; level 0; of channels that the subject lacks without meaning. */
    SEPARATE,
    /**
     * Logits of the maps of class probabilities that guide the fusion at each level, [B, K, X, Y, Z] at 1/2^level of the full
     * resolution; channel 0.
     */
    PROBABILITY_MAP,
    /** The synthesised images of a {@link SynthesisNetwork} together, [B, K, X, Y, Z]; level 0, channel 0. */
    SYNTHESIS;

    /**
     * The name among the auxiliary features.
     *
     * @param level from 0 at full resolution
     * @param channel index of the input channel
     */
    public String of(int level, int channel) {
        return name() + "." + level + "." + channel;
    }
}
