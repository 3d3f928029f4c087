package dev.preceptor.volume;

/** Which voxels of the 3x3x3 neighbourhood touch its centre. */
public enum Connectivity {
    /** The 6 that share a face. */
    FACES(1),
    /** The 18 that share a face or an edge. */
    EDGES(2),
    /** All 26. */
    CORNERS(3);

    private final int steps;

    /** @param steps along how many axes a neighbour may lie one voxel away */
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
     * How far along the first axis a neighbour may lie whose row is so many away along the others, each 0 or 1; negative
     * if no voxel of that row is a neighbour.
     */
    int reach(int dy, int dz) {
        return Math.min(1, steps - dy - dz);
    }
}
