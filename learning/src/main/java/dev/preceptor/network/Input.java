package dev.preceptor.network;

import dev.preceptor.base.PreceptorException;
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
        if (images != null && !fits(images, present)) {
            long channels = images.size(1);
            throw new IllegalArgumentException(present.length + " rows of presence do not fit images of "
                    + images.size(0) + " samples and " + channels + " channels");
        }
    }

    private static boolean fits(Tensor images, boolean[][] present) {
        long channels = images.size(1);
        return images.size(0) == present.length && Arrays.stream(present).allMatch(row -> row.length == channels);
    }

    /**
     * The input of a network that is written as a graph: of samples that have the same channels, but no images yet.
     *
     * @param present whether each channel is present
     */
    static Input withoutImages(boolean[] present) {
        return new Input(null, new boolean[][] {present}, OptionalLong.empty());
    }

    /**
     * The images.
     *
     * @throws PreceptorException if the network is written as a graph, which must contain all that is computed from them
     */
    @Override
    public Tensor images() {
        if (images == null) {
            throw new PreceptorException(
                    "it reads its images outside the tape, which a graph cannot contain; read them by Tape.input");
        }
        return images;
    }

    /** The input of a validation or prediction, or of a network that draws nothing. */
    public Input(Tensor images, boolean[][] present) {
        this(images, present, OptionalLong.empty());
    }

    /**
     * Samples that have the same channels.
     *
     * @param images [B, C, X, Y, Z]
     * @param present whether each channel is present, [C]
     */
    public static Input of(Tensor images, boolean[] present) {
        boolean[][] rows = new boolean[Math.toIntExact(images.size(0))][];
        Arrays.fill(rows, present);
        return new Input(images, rows);
    }

    /** Images [B, C, X, Y, Z] of which every channel is present. */
    public static Input complete(Tensor images) {
        boolean[] present = new boolean[Math.toIntExact(images.size(1))];
        Arrays.fill(present, true);
        return of(images, present);
    }

    /** The channels that are present in at least one sample, ascending. */
    public List<Integer> presentAnywhere() {
        return IntStream.range(0, present[0].length)
                .filter(channel -> Arrays.stream(present).anyMatch(row -> row[channel]))
                .boxed()
                .toList();
    }

    /**
     * The presence of some channels.
     *
     * @param channels indices, in the order of the columns of the result
     * @return [B][channels]
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
