package dev.preceptor.augment;

import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A sequence of a patch and the changes of single voxels that it still has to undergo. They run together when a transform needs
 * the result, in one pass over the patch: block by block, so that each block stays in the processor's first cache. The same pass
 * computes mean, standard deviation and range where the transform needs them. Not thread-safe.
 *
 * <p>A block is copied to the start of an array of its own: the compiler of Java 17 vectorises a loop over several arrays only if it
 * uses the same index in all of them.
 */
final class DeferredChannel {
    /** Voxels of a block, but for longer rows: it and a few arrays of its length fit into a first cache of 32 KiB. */
    private static final int BLOCK = 1024;

    private final Channel channel;
    private final List<Change> pending = new ArrayList<>();
    private Optional<ChannelMoments> moments = Optional.empty();

    DeferredChannel(Channel channel) {
        this.channel = channel;
    }

    /** A change of voxels that depends on no others. It is called with the blocks of a patch in their order. */
    @FunctionalInterface
    interface Change {
        /**
         * Changes a block of whole rows along z.
         *
         * @param block the voxels from index 0 on
         * @param length number of voxels
         * @param row number of the first row: {@code x} times the extent along y, plus {@code y}
         */
        void apply(float[] block, int length, int row);
    }

    /** The extent in voxels. */
    Size size() {
        return channel.size();
    }

    /** Appends a change. */
    void then(Change change) {
        pending.add(change);
        moments = Optional.empty();
    }

    /** Mean, standard deviation and range after all changes so far. */
    ChannelMoments moments() {
        if (moments.isEmpty()) {
            ChannelMoments computed = new ChannelMoments(largestBlock(channel.size()));
            run(Optional.of(computed));
            moments = Optional.of(computed);
        }
        return moments.get();
    }

    /** The voxels after all changes so far, for the caller to change. */
    Channel materialise() {
        if (!pending.isEmpty()) {
            run(Optional.empty());
        }
        moments = Optional.empty();
        return channel;
    }

    private void run(Optional<ChannelMoments> computed) {
        int width = channel.size().z();
        int rows = channel.size().x() * channel.size().y();
        int together = together(channel.size());
        float[] block = new float[together * width];
        for (int row = 0; row < rows; row += together) {
            int from = channel.start() + row * width;
            int length = Math.min(together, rows - row) * width;
            System.arraycopy(channel.values(), from, block, 0, length);
            for (Change change : pending) {
                change.apply(block, length, row);
            }
            if (computed.isPresent()) {
                computed.get().add(block, length);
            }
            if (!pending.isEmpty()) {
                System.arraycopy(block, 0, channel.values(), from, length);
            }
        }
        pending.clear();
    }

    private static int together(Size size) {
        return Math.max(BLOCK / size.z(), 1);
    }

    /** The largest number of voxels of a block of a patch of this size. */
    static int largestBlock(Size size) {
        return together(size) * size.z();
    }
}
