package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MorphologyTest {

    @Test
    void dilationAddsExactlyTheNeighbours() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = sizeAroundWords(random);
            BitSet mask = RandomMasks.mask(random, size);
            for (Connectivity connectivity : Connectivity.values()) {
                BitSet expected = mask;
                for (int times = 0; times <= 2; times++) {
                    assertEquals(expected, Morphology.dilated(mask, size, connectivity, times), "seed " + seed);
                    BitSet next = (BitSet) expected.clone();
                    expected.stream()
                            .forEach(i -> neighbours(i, size, connectivity).forEach(next::set));
                    expected = next;
                }
            }
        }
    }

    @Test
    void theBorderConsistsOfVoxelsWithoutAFaceNeighbour() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = sizeAroundWords(random);
            BitSet mask = RandomMasks.mask(random, size);
            mask.or(Morphology.dilated(mask, size, Connectivity.CORNERS, seed % 3));
            BitSet expected = new BitSet();
            mask.stream().forEach(i -> {
                long inside = neighbours(i, size, Connectivity.FACES)
                        .filter(mask::get)
                        .count();
                expected.set(i, inside < 6);
            });
            assertEquals(expected, Morphology.border(mask, size), "seed " + seed);
        }
    }

    @Test
    void aCellIsCrossedIfOneOfItsCornersIsInTheMaskAndOneIsNot() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = sizeAroundWords(random);
            BitSet mask = RandomMasks.mask(random, size);
            mask.or(Morphology.dilated(mask, size, Connectivity.CORNERS, seed % 3));
            Size dual = size.dual();
            BitSet expected = new BitSet();
            for (int cell = 0; cell < dual.voxels(); cell++) {
                int inside = 0;
                for (int corner = 0; corner < 8; corner++) {
                    int x = cell % dual.x() - (corner & 1);
                    int y = cell / dual.x() % dual.y() - (corner >> 1 & 1);
                    int z = cell / dual.x() / dual.y() - (corner >> 2);
                    boolean isOnGrid = x >= 0 && y >= 0 && z >= 0 && x < size.x() && y < size.y() && z < size.z();
                    inside += isOnGrid && mask.get(size.index(x, y, z)) ? 1 : 0;
                }
                expected.set(cell, inside > 0 && inside < 8);
            }
            assertEquals(expected, Morphology.crossedCells(mask, size), "seed " + seed);
        }
    }

    private static IntStream neighbours(int voxel, Size size, Connectivity connectivity) {
        int axes = connectivity.ordinal() + 1;
        int x = voxel % size.x();
        int y = voxel / size.x() % size.y();
        int z = voxel / size.x() / size.y();
        return IntStream.range(0, size.voxels()).filter(i -> {
            int dx = Math.abs(i % size.x() - x);
            int dy = Math.abs(i / size.x() % size.y() - y);
            int dz = Math.abs(i / size.x() / size.y() - z);
            return i != voxel && Math.max(dx, Math.max(dy, dz)) == 1 && dx + dy + dz <= axes;
        });
    }

    /** Sizes with rows shorter than a word, of whole words, and longer. */
    private static Size sizeAroundWords(SplittableRandom random) {
        int[] rows = {1, 5, 63, 64, 65, 128, 130};
        return new Size(rows[random.nextInt(rows.length)], 1 + random.nextInt(4), 1 + random.nextInt(4));
    }
}
