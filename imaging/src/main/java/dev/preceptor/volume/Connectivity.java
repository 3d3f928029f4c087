package dev.preceptor.volume;

import java.util.ArrayList;
import java.util.List;

/** Which voxels of the 3x3x3 neighbourhood touch its centre. */
public enum Connectivity {
    /** The 6 that share a face. */
    FACES(1),
    /** The 18 that share a face or an edge. */
    EDGES(2),
    /** All 26. */
    CORNERS(3);

    private final List<int[]> offsets;

    Connectivity(int steps) {
        List<int[]> found = new ArrayList<>();
        for (int z = -1; z <= 1; z++) {
            for (int y = -1; y <= 1; y++) {
                for (int x = -1; x <= 1; x++) {
                    int distance = Math.abs(x) + Math.abs(y) + Math.abs(z);
                    if (distance > 0 && distance <= steps) {
                        found.add(new int[] {x, y, z});
                    }
                }
            }
        }
        offsets = List.copyOf(found);
    }

    /** The number of neighbours: 6, 18 or 26. */
    public int neighbours() {
        return offsets.size();
    }

    /** Calls {@code visit} with the place of every neighbour of a voxel that lies on the grid. */
    void forEachNeighbour(Size size, int index, Visitor visit) {
        int x = index % size.x();
        int y = index / size.x() % size.y();
        int z = index / (size.x() * size.y());
        for (int[] offset : offsets) {
            int i = x + offset[0];
            int j = y + offset[1];
            int k = z + offset[2];
            if (i >= 0 && j >= 0 && k >= 0 && i < size.x() && j < size.y() && k < size.z()) {
                visit.at(size.index(i, j, k));
            }
        }
    }

    /** Takes the place of a voxel. */
    @FunctionalInterface
    interface Visitor {
        void at(int index);
    }
}
