package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.testing.JavadocExamples;
import java.io.IOException;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compiles and runs the examples in the Javadoc of {@link Volume}, {@link Grid} and {@link LabelMap}. */
class VolumeExamplesTest {

    @Test
    void volume() {
        Grid grid = Grid.of(new Size(3, 2, 1), 2);
        Volume image = new Volume(grid, new float[] {0, 10, 20, 30, 40, 50});
        float value = image.at(1, 1, 0);
        double[] centre = grid.affine().apply(1, 1, 0);
        Volume fine = Resampling.linear(image, grid.withSpacing(1, 1, 2));
        Volume corner = Cropping.crop(image, new Box(1, 0, 0, 3, 1, 1));

        assertEquals(40, value);
        assertArrayEquals(new double[] {2, 2, 0}, centre);
        assertEquals(new Size(6, 4, 1), fine.size());
        assertArrayEquals(new float[] {10, 20}, corner.voxels());
    }

    @Test
    void grid() {
        Grid brats = new Grid(new Size(240, 240, 155), new Affine(-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0));
        double[] spacing = brats.spacing();
        double[] first = brats.affine().apply(0, 0, 0);
        Orientation orientation = Orientation.of(brats.affine());
        Grid coarse = brats.withSpacing(2, 2, 2);
        Grid part = brats.crop(new Box(10, 20, 30, 50, 60, 70));

        assertArrayEquals(new double[] {1, 1, 1}, spacing);
        assertArrayEquals(new double[] {0, 239, 0}, first);
        assertEquals(Orientation.LPS, orientation);
        assertEquals(new Size(120, 120, 78), coarse.size());
        assertEquals(Size.cube(40), part.size());
        assertArrayEquals(new double[] {-10, 219, 30}, part.affine().apply(0, 0, 0));
    }

    @Test
    void labelMap() {
        Grid grid = Grid.of(new Size(4, 1, 1), 1);
        LabelMap labels = new LabelMap(grid, new byte[] {0, 1, 2, 4}, LabelSpace.BRATS_2018);
        BitSet core = labels.mask(Region.TC);
        double millilitres = core.cardinality() * grid.voxelVolume() / 1000;
        LabelMap renumbered = labels.as(LabelSpace.BRATS_2023);

        assertEquals("{1, 3}", core.toString());
        assertEquals(0.002, millilitres);
        assertArrayEquals(new byte[] {0, 1, 2, 3}, renumbered.voxels());
    }

    @ParameterizedTest
    @ValueSource(classes = {Volume.class, Grid.class, LabelMap.class})
    void everyLineOfAJavadocExampleIsCompiledHere(Class<?> type) throws IOException {
        JavadocExamples.assertCompiledIn("imaging", VolumeExamplesTest.class, type);
    }
}
