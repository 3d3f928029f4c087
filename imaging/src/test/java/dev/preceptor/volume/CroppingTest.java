package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CroppingTest {
    private static final Grid GRID = Grid.of(new Size(5, 6, 7), 1);

    private static Volume pointAt(int x, int y, int z) {
        float[] voxels = new float[GRID.size().voxels()];
        voxels[GRID.size().index(x, y, z)] = -1;
        return new Volume(GRID, voxels);
    }

    @Test
    void theBrainBoxContainsTheNonZeroVoxelsOfAllSequences() {
        assertEquals(new Box(1, 2, 3, 2, 3, 4), Cropping.brainBox(pointAt(1, 2, 3)));
        assertEquals(new Box(1, 0, 3, 5, 3, 7), Cropping.brainBox(List.of(pointAt(1, 2, 3), pointAt(4, 0, 6))));
    }

    @Test
    void theBoxOfAnEmptyImageIsTheWholeGrid() {
        assertEquals(Box.of(GRID.size()), Cropping.brainBox(new Volume(GRID, new float[5 * 6 * 7])));
    }

    @Test
    void pastingUndoesCroppingInsideAnyBox() {
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Grid grid = new Grid(RandomMasks.size(random, 8), RandomImages.affine(random));
            Volume volume = RandomImages.volume(grid, random);
            LabelMap labels = RandomImages.labels(grid, random);
            Box box = Box.at(
                    random.nextInt(-4, 9), random.nextInt(-4, 9), random.nextInt(-4, 9), RandomMasks.size(random, 12));
            Volume part = Cropping.crop(volume, box, -7);
            Volume pasted = Cropping.paste(part, box, grid, 5);
            LabelMap pastedLabels = Cropping.paste(Cropping.crop(labels, box), box, grid);
            for (int k = 0; k < grid.size().z(); k++) {
                for (int j = 0; j < grid.size().y(); j++) {
                    for (int i = 0; i < grid.size().x(); i++) {
                        boolean in = i >= box.x0()
                                && i < box.x1()
                                && j >= box.y0()
                                && j < box.y1()
                                && k >= box.z0()
                                && k < box.z1();
                        String where = "seed " + seed + " at " + i + "," + j + "," + k;
                        assertEquals(in ? volume.at(i, j, k) : 5, pasted.at(i, j, k), where);
                        int at = grid.size().index(i, j, k);
                        assertEquals(in ? labels.voxels()[at] : 0, pastedLabels.voxels()[at], where);
                    }
                }
            }
        }
    }

    @Test
    void aBoxOverTheBorderPads() {
        Volume part = Cropping.crop(pointAt(0, 0, 0), new Box(-1, 0, 0, 1, 1, 1), 9);
        assertArrayEquals(new float[] {9, -1}, part.voxels());
        assertArrayEquals(new double[] {-1, 0, 0}, part.grid().affine().apply(0, 0, 0));
    }

    @Test
    void aPartOfAnotherSizeIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Cropping.paste(pointAt(0, 0, 0), new Box(0, 0, 0, 1, 1, 1), GRID, 0));
    }
}
