package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segmentations that highdicom wrote, see dicom/README.md of the test resources. */
class GoldenSegmentationsTest {
    private static final Path GOLDEN = TestFiles.of("imaging", "dicom");
    private static final Path LABELS = GOLDEN.resolve("expected/labels_brats2018.nii.gz");

    private static DicomSegmentation golden(String name) {
        return DicomSegmentation.read(GOLDEN.resolve("seg").resolve(name + ".dcm"));
    }

    private static LabelMap expected() {
        return Nifti.readLabelMap(LABELS, LabelSpace.BRATS_2018);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "binary_all_frames", "labelmap", "labelmap_rle", "binary_regions_overlapping"})
    void labelsAreThoseOfTheSeries(String name) {
        LabelMap expected = expected();
        LabelMap labels = golden(name).labels(LabelSpace.BRATS_2018, expected.grid());
        assertArrayEquals(expected.voxels(), labels.voxels());
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "binary_all_frames", "labelmap", "labelmap_rle"})
    void theOwnGridHoldsTheSlicesThatHaveFrames(String name) {
        LabelMap expected = expected();
        DicomSegmentation segmentation = golden(name);
        LabelMap own = segmentation.labels(LabelSpace.BRATS_2018, segmentation.grid());
        assertEquals(41, own.size().x());
        assertEquals(33, own.size().y());
        assertEquals(expected.mask(Region.WT).cardinality(), own.mask(Region.WT).cardinality());
        Affine toGrid = expected.grid().affine().inverse();
        own.mask(Region.ET).stream().forEach(i -> {
            double[] mm = own.grid().affine().apply(i % 41, i / 41 % 33, i / (41 * 33));
            double[] at = toGrid.apply(mm[0], mm[1], mm[2]);
            int voxel =
                    expected.size().index((int) Math.round(at[0]), (int) Math.round(at[1]), (int) Math.round(at[2]));
            assertEquals(4, expected.voxels()[voxel]);
        });
    }

    @Test
    void probabilitiesAreSharesOfTheirMaximum() {
        LabelMap expected = expected();
        Map<Region, Volume> volumes =
                golden("fractional_probability").probabilities(LabelSpace.BRATS_2018, expected.grid());
        double[] sums = {139555, 42277, 34627};
        for (int r = 0; r < 3; r++) {
            double sum = 0;
            for (float probability : volumes.get(Region.BRATS.get(r)).voxels()) {
                sum += probability * 255.0;
            }
            assertEquals(sums[r], sum, 0.5);
        }
    }

    @Test
    void probabilitiesAreNoLabelsAndLabelsNoProbabilities() {
        Grid grid = expected().grid();
        String fractional = assertThrows(
                        InvalidFileException.class,
                        () -> golden("fractional_probability").labels(LabelSpace.BRATS_2018, grid))
                .getMessage();
        assertTrue(fractional.contains("FRACTIONAL"), fractional);
        assertThrows(InvalidFileException.class, () -> golden("binary").probabilities(LabelSpace.BRATS_2018, grid));
    }

    @Test
    void theSegmentsSayTheirSchema() {
        assertEquals(LabelSpace.BRATS_2018, golden("binary").labelSpace());
        assertEquals(LabelSpace.BRATS_2018, golden("labelmap").labelSpace());
        assertEquals(LabelSpace.BRATS_2018, golden("binary_regions_overlapping").labelSpace());
    }

    @Test
    void aGridWithOtherAxesGetsTheSameVoxels() {
        LabelMap expected = expected();
        Size size = expected.size();
        // The second axis reversed, as dcm2niix writes; then the first and third exchanged.
        Affine flip = new Affine(1, 0, 0, 0, 0, -1, 0, size.y() - 1, 0, 0, 1, 0);
        Grid flipped = new Grid(size, expected.grid().affine().times(flip));
        byte[] voxels = golden("binary").labels(LabelSpace.BRATS_2018, flipped).voxels();
        Affine exchange = new Affine(0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0);
        Grid exchanged = new Grid(
                new Size(size.z(), size.y(), size.x()), expected.grid().affine().times(exchange));
        byte[] turned =
                golden("labelmap_rle").labels(LabelSpace.BRATS_2018, exchanged).voxels();
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                for (int x = 0; x < size.x(); x++) {
                    byte label = expected.voxels()[size.index(x, y, z)];
                    assertEquals(label, voxels[size.index(x, size.y() - 1 - y, z)]);
                    assertEquals(label, turned[exchanged.size().index(z, y, x)]);
                }
            }
        }
    }

    /** The series is oblique with unequal spacing and odd sizes so that none of these passes unnoticed. */
    @Test
    void aFlippedTransposedOrShiftedMaskIsNotEqual() {
        LabelMap expected = expected();
        Size size = expected.size();
        for (int trap = 0; trap < 6; trap++) {
            byte[] changed = new byte[expected.voxels().length];
            for (int z = 0; z < size.z(); z++) {
                for (int y = 0; y < size.y(); y++) {
                    for (int x = 0; x < size.x(); x++) {
                        int to = switch (trap) {
                            case 0 -> size.index(size.x() - 1 - x, y, z);
                            case 1 -> size.index(x, size.y() - 1 - y, z);
                            case 2 -> size.index(x, y, size.z() - 1 - z);
                            case 3 -> size.index((x + 1) % size.x(), y, z);
                            case 4 -> size.index(x, y, (z + 1) % size.z());
                            // Rows read as columns: the frame has as many pixels, so nothing else would notice.
                            default -> (y + x * size.y()) + z * size.x() * size.y();
                        };
                        changed[to] = expected.voxels()[size.index(x, y, z)];
                    }
                }
            }
            byte[] labels = golden("binary")
                    .labels(LabelSpace.BRATS_2018, expected.grid())
                    .voxels();
            assertFalse(Arrays.equals(changed, labels), "trap " + trap);
        }
    }

    @Test
    void aGridWithoutTheseVoxelsIsRefused() {
        LabelMap expected = expected();
        DicomSegmentation segmentation = golden("binary");
        Grid grid = expected.grid();
        Grid between = new Grid(grid.size(), grid.affine().times(Affine.translation(0.5, 0, 0)));
        assertFalse(segmentation.liesOn(between));
        assertThrows(MismatchException.class, () -> segmentation.labels(LabelSpace.BRATS_2018, between));
        Grid transposed = new Grid(new Size(33, 41, 12), grid.affine());
        assertThrows(
                MismatchException.class,
                () -> segmentation.labels(LabelSpace.BRATS_2018, transposed.crop(new Box(0, 0, 0, 10, 41, 12))));
        Grid mirrored = new Grid(grid.size(), Affine.scaling(-1, 1, 1).times(grid.affine()));
        assertFalse(segmentation.liesOn(mirrored));
    }
}
