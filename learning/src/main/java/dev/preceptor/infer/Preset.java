package dev.preceptor.infer;

import dev.preceptor.volume.Size;

/**
 * How an image is cut into tiles: as the model was validated, or faster. {@code docs/benchmarks.md} has the time, the memory and the
 * Dice of each.
 */
public enum Preset {
    /** The tiles and the overlap of the model, with which it was validated. */
    EXACT,
    /** The tiles of the model, overlapping by a quarter at most. */
    BALANCED,
    /**
     * As few tiles as possible, each with at most twice as many voxels as one of the model; often one tile for the whole brain. Norms
     * then see more of the brain at once than in training.
     */
    FAST;

    private static final double BALANCED_OVERLAP = 0.25;
    private static final double FAST_OVERLAP = 0.125;
    /** How many times as many voxels a tile may have as one of the model, which bounds the memory likewise. */
    private static final int FAST_GROWTH = 2;

    /**
     * The tiles of an image.
     *
     * @param image extent of the preprocessed image in voxels
     * @param patch extent of a tile of the model in voxels
     * @param overlap share of a tile that its neighbour covers too, with which the model was validated
     * @param batch largest number of tiles in one forward pass, at least 1
     * @param stride of which the extents of a tile must be multiples
     */
    SlidingWindow window(Size image, Size patch, double overlap, int batch, int stride) {
        return switch (this) {
            case EXACT -> SlidingWindow.ofBatches(patch, overlap, batch);
            case BALANCED -> SlidingWindow.ofBatches(patch, Math.min(overlap, BALANCED_OVERLAP), batch);
            case FAST -> {
                double fastOverlap = Math.min(overlap, FAST_OVERLAP);
                yield SlidingWindow.ofBatches(fewest(image, patch, fastOverlap, stride), fastOverlap, batch);
            }
        };
    }

    /** The extents of the tiles: one tile along each axis, and one more along the longest ones until the tiles are small enough. */
    private static Size fewest(Size image, Size patch, double overlap, int stride) {
        int[] tiles = {1, 1, 1};
        int[] extents = new int[3];
        while (true) {
            long voxels = 1;
            int longest = 0;
            for (int axis = 0; axis < 3; axis++) {
                extents[axis] = extent(image.along(axis), patch.along(axis), tiles[axis], overlap, stride);
                voxels *= extents[axis];
                if ((double) extents[axis] / patch.along(axis) > (double) extents[longest] / patch.along(longest)) {
                    longest = axis;
                }
            }
            if (voxels <= (long) FAST_GROWTH * patch.voxels()) {
                return new Size(extents[0], extents[1], extents[2]);
            }
            tiles[longest]++;
        }
    }

    /** The extent of tiles that cover an axis, a multiple of the stride and no less than that of the model. */
    private static int extent(int image, int patch, int tiles, double overlap, int stride) {
        int least = (int) Math.ceil(image / (tiles - (tiles - 1) * overlap));
        return Math.max(patch, (least + stride - 1) / stride * stride);
    }
}
