package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Golden files, made by highdicom, pydicom and DCMTK; see {@code dicom/README.md} of the test resources. */
class DicomSeriesTest {
    static final Path GOLDEN = TestFiles.of("imaging", "dicom");

    static Stream<Path> syntaxes() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN.resolve("syntaxes"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("syntaxes")
    void everyTransferSyntaxGivesTheSameStoredValues(Path file) throws Exception {
        DicomFile dicom = DicomFile.read(file);
        try (FrameDecoder decoder = FrameDecoder.open(dicom)) {
            long[] stored = decoder.decode(0);
            ByteBuffer bytes = ByteBuffer.allocate(2 * stored.length).order(ByteOrder.LITTLE_ENDIAN);
            for (long value : stored) {
                bytes.putShort((short) value);
            }
            assertEquals(
                    "b6ea195fe3e1ba08b3410d41101c6e6719c32253abca73325ccf56247701b0b3",
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array())));
        }
    }

    @Test
    void aSeriesIsTheExpectedImage() {
        requireExpected(GOLDEN.resolve("series"));
    }

    @Test
    void theEnhancedFileIsTheSameImage() {
        requireExpected(GOLDEN.resolve("enhanced"));
    }

    private static void requireExpected(Path folder) {
        List<DicomImage> images = DicomFolder.at(folder).images();
        assertEquals(1, images.size());
        Volume volume = images.get(0).read();
        Volume expected = Nifti.readVolume(GOLDEN.resolve("expected/image.nii.gz"));
        assertArrayEquals(expected.voxels(), volume.voxels());
        Affine affine = new Affine(
                -0.892966482,
                0.1300742333,
                -0.09956368827,
                21.37,
                -0.0943403814,
                -1.0593696179,
                -0.620087264,
                18.25,
                -0.0609159672,
                -0.2661140856,
                2.4198303373,
                -9.5);
        assertTrue(
                volume.grid().affine().isCloseTo(affine, 1e-6),
                volume.grid().affine().toString());
        assertTrue(volume.grid().matches(expected.grid()));
    }
}
