package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.testing.DicomSlices;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slices become volumes by their positions, and what is no volume is refused. */
class DicomGeometryTest {
    @TempDir
    private Path folder;

    private DicomSeries series() {
        List<DicomSeries> series = DicomFolder.at(folder).series();
        assertEquals(1, series.size());
        return series.get(0);
    }

    private void write(double... positions) {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, positions);
    }

    @Test
    void slicesAreOrderedByPosition() {
        write(4, 0, 2);
        float[] voxels = series().images().get(0).read().voxels();
        assertEquals(1, voxels[0]);
        assertEquals(2, voxels[12]);
        assertEquals(0, voxels[24]);
    }

    @Test
    void aMissingSliceIsRefused() {
        write(0, 2, 4, 8, 10);
        DicomImage image = series().images().get(0);
        assertTrue(image.problem().orElseThrow().contains("slices are missing"));
        assertThrows(InvalidFileException.class, image::read);
        assertThrows(InvalidFileException.class, image::grid);
    }

    @Test
    void unevenSpacingAboveOnePercentIsSaidAndAboveTenRefused() {
        write(0, 2, 4.05, 6);
        DicomImage said = series().images().get(0);
        assertTrue(said.note().orElseThrow().contains("2.5 %"), said.note().toString());
        said.read();
    }

    @Test
    void unevenSpacingAboveTenPercentIsRefused() {
        write(0, 2, 4.3, 6);
        assertTrue(series().images().get(0).problem().orElseThrow().contains("unevenly"));
    }

    @Test
    void echoesAtTheSamePositionsAreSeveralVolumes() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, 0, 2, 4);
        Path second = folder.resolve("second");
        DicomSlices.write(second, "1.1", "1.2", slice -> slice.decimals(Tag.ECHO_TIME, 90), 0, 2, 4);
        List<DicomImage> images = series().images();
        assertEquals(
                List.of("1.2:1", "1.2:2"),
                images.stream().map(DicomImage::selector).toList());
        assertEquals("echo time 2.5", images.get(0).distinction());
        assertEquals("echo time 90", images.get(1).distinction());
    }

    @Test
    void positionsThatRepeatUnevenlyAreNoVolume() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, 0, 2, 4);
        DicomSlices.write(folder.resolve("b"), "1.1", "1.2", slice -> slice, 0, 2);
        assertTrue(series().images().isEmpty());
        assertTrue(series().problem().orElseThrow().contains("repeats some positions"));
    }

    @Test
    void aLocaliserHasAVolumeForEachPlane() {
        write(0, 2);
        DicomSlices.write(
                folder.resolve("b"),
                "1.1",
                "1.2",
                slice -> slice.decimals(Tag.IMAGE_ORIENTATION, 1, 0, 0, 0, 0, -1),
                0);
        assertEquals(2, series().images().size());
        assertTrue(series().images().get(1).distinction().startsWith("coronal"));
    }

    @Test
    void theSignIsThatOfTheHighestBitStored() {
        byte[] pixels = new byte[24];
        pixels[0] = (byte) 0xFF;
        pixels[1] = 0x0F;
        DicomWriter.write(
                folder.resolve("a.dcm"),
                DicomSlices.header("1.1", "1.2", 0)
                        .integers(Tag.PIXEL_REPRESENTATION, 1)
                        .decimals(Tag.RESCALE_SLOPE, 2)
                        .decimals(Tag.RESCALE_INTERCEPT, 10)
                        .value(Tag.PIXEL_DATA, Vr.OW, pixels)
                        .build());
        assertEquals(8, series().images().get(0).read().voxels()[0]);
    }

    @Test
    void aPromiseOfMorePixelsThanTheFileHoldsIsRefusedBeforeMemoryIsTaken() {
        Path file = folder.resolve("a.dcm");
        DicomWriter.write(
                file,
                DicomSlices.header("1.1", "1.2", 0)
                        .integers(Tag.ROWS, 4096)
                        .integers(Tag.COLUMNS, 4096)
                        .value(Tag.PIXEL_DATA, Vr.OW, new byte[24])
                        .build());
        String message = assertThrows(InvalidFileException.class, () -> DicomFolder.at(file))
                .getMessage();
        assertTrue(message.contains("promises 33554432 bytes"), message);
    }

    @Test
    void theSourceOfEverySliceIsKept() {
        write(2, 0);
        DicomProvenance provenance = series().images().get(0).provenance();
        assertEquals(
                DicomFile.read(folder.resolve("1.2-1")).sopInstance().orElseThrow(),
                provenance.slices().get(0).sopInstance());
        assertEquals(0, provenance.slices().get(0).position()[2]);
        assertEquals(1, provenance.slices().get(0).frame());
        assertEquals(
                "Secret^Patient", provenance.header().text(Tag.PATIENT_NAME).orElseThrow());
    }

    @Test
    void noMessageHoldsANameOrADateOfBirth() {
        write(0, 2, 4, 8, 10);
        String text =
                DicomInspection.of(folder).toText() + DicomInspection.of(folder).toMap();
        DicomSlices.assertNobodyIsNamed(text, folder);
    }
}
