package dev.preceptor.network;

/** What a network gives besides logits in a training step, in {@link Features#auxiliary}, for losses of its own. */
public enum Auxiliary {
    /**
     * The parameters of {@link Gaussian} latents of each input channel at each level, [B, 2C, X, Y, Z] at 1/2^level of the full
     * resolution; of channels that the subject lacks without meaning.
     */
    LATENT,
    /** Each input channel, reconstructed from the latents, [B, 1, X, Y, Z]; level 0. */
    RECONSTRUCTION,
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
