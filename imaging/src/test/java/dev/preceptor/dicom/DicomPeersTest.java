package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.Shared;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.Python;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same files by pydicom and by dcm2niix. */
@org.junit.jupiter.api.Tag("peers")
class DicomPeersTest {
    private static final String STORED = """
            import sys, pydicom, numpy
            pixels = pydicom.dcmread(sys.argv[1], force=True).pixel_array
            frame = pixels[0] if pixels.ndim == 3 else pixels
            frame.astype('<i4').tofile(sys.argv[2])
            """;

    private static final String READ_BACK = """
            import sys, pydicom
            a, b = pydicom.dcmread(sys.argv[1]), pydicom.dcmread(sys.argv[2])
            del a.PixelData
            for x, y in ((a, b), (b, a)):
                for e in x:
                    assert e.tag in y and y[e.tag].value == e.value, e.tag
            """;

    @TempDir
    private Path folder;

    @Test
    void storedValuesEqualThoseOfPydicom() throws IOException {
        Python python = Python.with("pydicom", "numpy", "pylibjpeg", "jpeg_ls");
        for (Path file : files(TestFiles.of("imaging", "dicom/syntaxes"))) {
            requireEqual(python, file, 0);
        }
        for (Path file : files(Shared.file("data/dicom/transfer_syntaxes"))) {
            // Decoders of lossy JPEG may round differently.
            boolean lossy = file.getFileName().toString().matches("jpeg_(2000|baseline).*");
            requireEqual(python, file, lossy ? 1 : 0);
        }
    }

    private void requireEqual(Python python, Path file, int tolerance) throws IOException {
        Path output = folder.resolve("stored");
        python.run(List.of("-c", STORED, file.toString(), output.toString()));
        ByteBuffer expected = ByteBuffer.wrap(Files.readAllBytes(output)).order(ByteOrder.LITTLE_ENDIAN);
        try (FrameDecoder decoder = FrameDecoder.open(DicomFile.read(file))) {
            long[] stored = decoder.decode(0);
            assertEquals(expected.remaining(), 4 * stored.length, file.toString());
            for (long value : stored) {
                assertEquals(expected.getInt(), value, tolerance, file.toString());
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(DicomFile::isDicom).sorted().toList();
        }
    }

    @Test
    void pydicomReadsBackWhatTheWriterWrote() throws IOException {
        Python python = Python.with("pydicom");
        for (Path file : List.of(
                TestFiles.of("imaging", "dicom/enhanced/legacy_converted_mr.dcm"),
                TestFiles.of("imaging", "dicom/seg/binary.dcm"),
                TestFiles.of("imaging", "dicom/syntaxes/implicit_le.dcm"),
                TestFiles.of("imaging", "dicom/syntaxes/explicit_be.dcm"))) {
            Path written = folder.resolve("written.dcm");
            DicomWriter.write(written, DicomFile.read(file).dataSet());
            python.run(List.of("-c", READ_BACK, file.toString(), written.toString()));
        }
    }

    @Test
    void volumesEqualThoseOfDcm2niix() throws IOException, InterruptedException {
        for (String series : List.of("dicom/series", "dicom/enhanced")) {
            Path input = TestFiles.of("imaging", series);
            Path output = Files.createDirectories(folder.resolve(series));
            convert(input, output);
            List<Path> images = Files.list(output)
                    .filter(file -> file.toString().endsWith(".nii"))
                    .toList();
            assertEquals(1, images.size());
            requireSame(
                    Nifti.readVolume(images.get(0)),
                    DicomFolder.at(input).images().get(0).read());
        }
    }

    private static void convert(Path input, Path output) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder("dcm2niix", "-o", output.toString(), "-f", "image", input.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "dcm2niix is not on the PATH");
            return;
        }
        assertEquals(0, process.waitFor());
    }

    /** Equal where both grids put a voxel: dcm2niix stores rows from the other end. */
    private static void requireSame(Volume expected, Volume actual) {
        Affine toExpected =
                expected.grid().affine().inverse().times(actual.grid().affine());
        float[] moved = new float[actual.voxels().length];
        for (int z = 0; z < actual.size().z(); z++) {
            for (int y = 0; y < actual.size().y(); y++) {
                for (int x = 0; x < actual.size().x(); x++) {
                    double[] to = toExpected.apply(x, y, z);
                    for (double coordinate : to) {
                        assertTrue(Math.abs(Math.rint(coordinate) - coordinate) < 1e-3);
                    }
                    moved[actual.size().index((int) Math.rint(to[0]), (int) Math.rint(to[1]), (int) Math.rint(to[2]))] =
                            actual.at(x, y, z);
                }
            }
        }
        assertArrayEquals(expected.voxels(), moved);
    }
}
