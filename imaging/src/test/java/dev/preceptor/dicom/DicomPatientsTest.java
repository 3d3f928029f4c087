package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.Shared;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Series of real scanners; the references of {@code dcm_qa_nih} are dcm2niix's. */
@Tag("shared")
class DicomPatientsTest {
    private static final Path DATA = Path.of("data/dicom");

    private static Path data(String relative) {
        return Shared.file(DATA.resolve(relative).toString());
    }

    @Test
    void theTimesOfAFunctionalSeriesEqualThoseOfDcm2niix() {
        List<DicomImage> times =
                DicomFolder.at(data("dcm_qa_nih/In/20180918GE/mr_0004")).images();
        assertEquals(10, times.size());
        Path reference = data("dcm_qa_nih/Ref/DCM2NIIX_regression_test_4.nii");
        List<Volume> expected = Nifti.readVolumes(reference);
        assertEquals(10, expected.size());
        for (int time = 0; time < 10; time++) {
            requireSameVoxels(expected.get(time), times.get(time).read());
        }
    }

    /** Equal where both grids put a voxel: dcm2niix stores rows from the other end. */
    private static void requireSameVoxels(Volume expected, Volume actual) {
        assertEquals(expected.size(), actual.size());
        Affine toExpected =
                expected.grid().affine().inverse().times(actual.grid().affine());
        int nx = actual.size().x();
        int ny = actual.size().y();
        float[] moved = new float[actual.voxels().length];
        for (int z = 0; z < actual.size().z(); z++) {
            for (int y = 0; y < ny; y++) {
                for (int x = 0; x < nx; x++) {
                    double[] to = toExpected.apply(x, y, z);
                    for (double coordinate : to) {
                        assertEquals(Math.rint(coordinate), coordinate, 2e-3);
                    }
                    moved[actual.size().index((int) Math.rint(to[0]), (int) Math.rint(to[1]), (int) Math.rint(to[2]))] =
                            actual.at(x, y, z);
                }
            }
        }
        assertArrayEquals(expected.voxels(), moved);
    }

    @Test
    void aSiemensMosaicIsRefusedInOneLine() {
        List<DicomSeries> series =
                DicomFolder.at(data("dcm_qa_nih/In/20180918Si/mr_0003")).series();
        assertEquals(1, series.size());
        assertTrue(series.get(0).images().isEmpty());
        String problem = series.get(0).problem().orElseThrow();
        assertTrue(problem.contains("mosaic") && problem.contains("dcm2niix"), problem);
        assertFalse(problem.contains("\n"), problem);
    }

    @Test
    void aSeriesWhosePositionsAreRoundedIsReadAndSaysSo() {
        List<DicomImage> images = DicomFolder.at(data("brain_axial_oblique")).images();
        assertEquals(1, images.size());
        assertEquals(20, images.get(0).grid().size().z());
        assertTrue(images.get(0).note().orElseThrow().contains("unevenly spaced"));
        images.get(0).read();
    }

    @Test
    void anImplicitSeriesOfCtIsRead() {
        List<DicomImage> images = DicomFolder.at(data("coronal_tagged_ct")).images();
        assertEquals(1, images.size());
        Volume volume = images.get(0).read();
        assertEquals(17, volume.size().z());
        assertEquals(2, volume.grid().spacing()[2], 1e-5);
    }

    @Test
    void everyStudyIsListedWithoutOneFileLeftOut() {
        DicomFolder folder = DicomFolder.at(data("dcm_qa_nih/In"));
        int files = folder.series().stream().mapToInt(DicomSeries::files).sum();
        assertEquals(
                0,
                folder.unused().stream()
                        .filter(unused -> unused.file().toString().endsWith(".dcm"))
                        .count());
        assertEquals(158, files);
    }
}
