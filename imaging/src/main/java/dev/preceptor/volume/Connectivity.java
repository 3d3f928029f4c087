package dev.preceptor.volume;

/** The neighbours of a voxel within its 3x3x3 neighbourhood. */
public enum Connectivity {
    /** The 6 voxels that share a face. */
    FACES(1),
    /** The 18 voxels that share a face or an edge. */
    EDGES(2),
    /** All 26 voxels. */
    CORNERS(3);

    private final int steps;

    /** @param steps the number of axes along which a neighbour may differ by one voxel */
    Connectivity(int steps) {
        this.steps = steps;
    }

    /** The number of neighbours: 6, 18 or 26. */
    public int neighbours() {
        int voxels = 0;
        for (int dz = 0; dz <= 1; dz++) {
            for (int dy = 0; dy <= 1; dy++) {
                int rows = (1 + dy) * (1 + dz);
                voxels += rows * Math.max(0, 2 * reach(dy, dz) + 1);
            }
        }
        return voxels - 1;
    }

    /**
     * The largest distance along the first axis of a neighbour in the row at offsets {@code dy} and {@code dz}, each 0
     * or 1; negative if that row contains no neighbour.
     */
    int reach(int dy, int dz) {
        return Math.min(1, steps - dy - dz);
    }
}
