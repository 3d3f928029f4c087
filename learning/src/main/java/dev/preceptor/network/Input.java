package dev.preceptor.network;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * The input of a network: images, and which of their channels are present. Channels that are absent contain zeros, which a
 * network with {@link Requirement#ANY_SUBSET} must not read as intensities.
 *
 * @param images [B, C, X, Y, Z]
 * @param present [B][C], true where the channel is a sequence that was measured and that augmentation did not drop
 * @throws IllegalArgumentException if the extents of both differ
 */
public record Input(Tensor images, boolean[][] present) {
    public Input {
        long channels = images.size(1);
        if (images.size(0) != present.length || Arrays.stream(present).anyMatch(row -> row.length != channels)) {
            throw new IllegalArgumentException(present.length + " rows of presence do not fit images of "
                    + images.size(0) + " samples and " + channels + " channels");
        }
    }

    /** Images of which every channel is present. */
    public static Input complete(Tensor images) {
        boolean[][] present = new boolean[Math.toIntExact(images.size(0))][Math.toIntExact(images.size(1))];
        for (boolean[] row : present) {
            Arrays.fill(row, true);
        }
        return new Input(images, present);
    }
}
