package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConnectedComponentsTest {
    private static final Size SIZE = Size.cube(5);

    @Test
    void joinsVoxelsThroughFacesEdgesOrCorners() {
        BitSet mask = new BitSet();
        mask.set(SIZE.index(1, 1, 1));
        mask.set(SIZE.index(2, 2, 1));
        mask.set(SIZE.index(3, 3, 2));
        assertEquals(3, ConnectedComponents.of(mask, SIZE, Connectivity.FACES).count());
        assertEquals(2, ConnectedComponents.of(mask, SIZE, Connectivity.EDGES).count());
        assertEquals(1, ConnectedComponents.of(mask, SIZE, Connectivity.CORNERS).count());
    }

    @Test
    void neverJoinsAcrossTheBorderOfTheGrid() {
        BitSet mask = new BitSet();
        mask.set(SIZE.index(4, 0, 0));
        mask.set(SIZE.index(0, 1, 0));
        assertEquals(2, ConnectedComponents.of(mask, SIZE, Connectivity.CORNERS).count());
    }

    @Test
    void connectivityHasTheUsualNeighbourCounts() {
        assertEquals(6, Connectivity.FACES.neighbours());
        assertEquals(18, Connectivity.EDGES.neighbours());
        assertEquals(26, Connectivity.CORNERS.neighbours());
    }

    @Test
    void partitionsTheMaskIntoComponentsThatDoNotTouch() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = RandomMasks.size(random, 9);
            BitSet mask = RandomMasks.mask(random, size);
            Connectivity connectivity = Connectivity.values()[seed % 3];
            ConnectedComponents components = ConnectedComponents.of(mask, size, connectivity);
            BitSet union = new BitSet();
            for (int component = 1; component <= components.count(); component++) {
                BitSet voxels = components.mask(component);
                assertEquals(components.voxels(component), voxels.cardinality(), "seed " + seed);
                assertTrue(!union.intersects(voxels), "seed " + seed);
                BitSet touched = Morphology.dilated(voxels, size, connectivity, 1);
                touched.and(mask);
                assertEquals(voxels, touched, "seed " + seed);
                BitSet reached = new BitSet();
                reached.set(voxels.nextSetBit(0));
                BitSet whole = grow(reached, voxels, size, connectivity);
                assertEquals(voxels, whole, "seed " + seed);
                union.or(voxels);
            }
            assertEquals(mask, union, "seed " + seed);
        }
    }

    private static BitSet grow(BitSet start, BitSet within, Size size, Connectivity connectivity) {
        BitSet reached = start;
        while (true) {
            BitSet next = Morphology.dilated(reached, size, connectivity, 1);
            next.and(within);
            if (next.equals(reached)) {
                return reached;
            }
            reached = next;
        }
    }
}
