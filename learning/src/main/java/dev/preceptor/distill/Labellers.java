package dev.preceptor.distill;

import java.util.List;

/**
 * The trained networks that label the subjects without labels.
 *
 * @param networks whose mean logits label a subject; empty if nothing labels them
 * @param mirror whether the logits of each are the mean over all 8 mirrorings of three axes
 */
public record Labellers(List<Role> networks, boolean mirror) {
    /** Nothing labels the subjects without labels. */
    public static final Labellers NONE = new Labellers(List.of(), false);

    public Labellers {
        networks = List.copyOf(networks);
    }
}
