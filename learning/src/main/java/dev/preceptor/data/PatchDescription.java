package dev.preceptor.data;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a batch tells about one of its patches besides the voxels.
 *
 * @param subject ID of the subject
 * @param key identifies the content; empty if the batch was not drawn from samples
 * @param channels the state of each channel
 * @param labelled whether the classes are labels of the subject; if not, they are predictions, or all {@link Sample#IGNORED}
 */
public record PatchDescription(String subject, Optional<PatchKey> key, List<ChannelState> channels, boolean labelled) {
    /** Why a channel contains intensities or zeros. */
    public enum ChannelState {
        /** The channel contains a measured sequence. */
        MEASURED,
        /** The sequence was measured, and {@code augmentation.sequenceDropout} set it to 0. */
        DROPPED,
        /** The subject lacks the sequence; the channel contains zeros. */
        ABSENT
    }

    public PatchDescription {
        channels = List.copyOf(channels);
    }

    /** A labelled patch with every sequence, of which nothing else is known. */
    static PatchDescription complete(int channels) {
        return new PatchDescription("", Optional.empty(), Collections.nCopies(channels, ChannelState.MEASURED), true);
    }
}
