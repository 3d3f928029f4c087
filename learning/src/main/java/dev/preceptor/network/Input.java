package dev.preceptor.network;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The input of a network: images, and which of their channels are present. Channels that are absent contain zeros, which a
 * network with {@link Requirement#ANY_SUBSET} must not read as intensities; only where a training step draws the present channels
 * ({@code trainingSeed}) do the others contain what was measured.
 *
 * @param images [B, C, X, Y, Z]
 * @param present [B][C], true where the channel is a sequence that was measured and that augmentation did not drop
 * @param trainingSeed in a training step, the seed of what the network draws, such as samples of its latents; empty at validation
 *     and prediction, where a network draws nothing
 * @throws IllegalArgumentException if the extents of both differ
 */
public record Input(Tensor images, boolean[][] present, OptionalLong trainingSeed) {
    public Input {
        long channels = images.size(1);
        if (images.size(0) != present.length || Arrays.stream(present).anyMatch(row -> row.length != channels)) {
            throw new IllegalArgumentException(present.length + " rows of presence do not fit images of "
                    + images.size(0) + " samples and " + channels + " channels");
        }
    }

    /** The input of a validation or prediction, or of a network that draws nothing. */
    public Input(Tensor images, boolean[][] present) {
        this(images, present, OptionalLong.empty());
    }

    /**
     * Samples that have the same channels.
     *
     * @param present whether each channel is present
     */
    public static Input of(Tensor images, boolean[] present) {
        boolean[][] rows = new boolean[Math.toIntExact(images.size(0))][];
        Arrays.fill(rows, present);
        return new Input(images, rows);
    }

    /** Images of which every channel is present. */
    public static Input complete(Tensor images) {
        boolean[] present = new boolean[Math.toIntExact(images.size(1))];
        Arrays.fill(present, true);
        return of(images, present);
    }

    /** The channels that are present in at least one sample, ascending. */
    public List<Integer> presentAnywhere() {
        return IntStream.range(0, Math.toIntExact(images.size(1)))
                .filter(channel -> Arrays.stream(present).anyMatch(row -> row[channel]))
                .boxed()
                .toList();
    }

    /**
     * The presence of some channels.
     *
     * @param channels indices, in the order of the columns of the result
     */
    public boolean[][] presentAmong(List<Integer> channels) {
        boolean[][] among = new boolean[present.length][channels.size()];
        for (int b = 0; b < present.length; b++) {
            for (int c = 0; c < among[b].length; c++) {
                among[b][c] = present[b][channels.get(c)];
            }
        }
        return among;
    }

    /** @throws IllegalArgumentException if a sample has no channel that is present */
    void requireOnePresent() {
        for (boolean[] row : present) {
            if (IntStream.range(0, row.length).noneMatch(c -> row[c])) {
                throw new IllegalArgumentException("a sample has no channel that is present");
            }
        }
    }
}
