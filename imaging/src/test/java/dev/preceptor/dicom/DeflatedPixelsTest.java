package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.testing.DicomSlices;
import dev.preceptor.testing.TestFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Deflated pixels need no more memory than the image that the header promises. */
class DeflatedPixelsTest {
    private static final int FLOOD = 256 << 20;
    private static final long MAX_BYTES = 16 << 20;

    @TempDir
    private Path folder;

    /** A deflated file of a header and a pixel element of zeros. */
    private Path deflated(DataSet header, int zeros) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        DicomWriter.write(plain, header, TransferSyntax.EXPLICIT_LITTLE_ENDIAN);
        byte[] bytes = plain.toByteArray();
        // The length of the meta group is its first value, behind preamble and magic.
        int start = 144 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(140);
        Path file = folder.resolve("deflated.dcm");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(new byte[128]);
            byte[] syntax = TransferSyntax.DEFLATED.uid().getBytes(StandardCharsets.US_ASCII);
            out.write("DICM\2\0\20\0UI".getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[] {(byte) syntax.length, 0});
            out.write(syntax);
            Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
            try (OutputStream within = new DeflaterOutputStream(out, deflater, 1 << 16)) {
                within.write(bytes, start, bytes.length - start);
                ByteBuffer pixels = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
                pixels.putShort((short) 0x7FE0).putShort((short) 0x10);
                pixels.put((byte) 'O').put((byte) 'W').putShort((short) 0).putInt(zeros);
                within.write(pixels.array());
                byte[] step = new byte[1 << 20];
                for (int left = zeros; left > 0; left -= step.length) {
                    within.write(step, 0, Math.min(left, step.length));
                }
            } finally {
                deflater.end();
            }
        }
        return file;
    }

    private static void assertBounded(Executable reading) throws Throwable {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        reading.execute();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < MAX_BYTES, "allocated " + allocated + " bytes");
    }

    @Test
    void anImageOfAFewPixelsInflatesNoMoreThanThese() throws Throwable {
        Path file = deflated(DicomSlices.header("1.1", "1.2", 0).build(), FLOOD);
        assertBounded(() -> assertArrayEquals(
                new float[12], DicomFolder.at(file).images().get(0).read().voxels()));
    }

    @Test
    void aSegmentationInflatesNoMoreThanItsFrames() throws Throwable {
        Path golden = TestFiles.of("imaging", "dicom").resolve("seg/binary.dcm");
        Path file = deflated(DicomFile.read(golden).dataSet(), FLOOD);
        assertBounded(() -> assertEquals(
                DicomSegmentation.read(golden).grid(),
                DicomSegmentation.read(file).grid()));
    }

    @Test
    void fewerPixelsThanTheHeaderPromisesAreRefused() throws Exception {
        Path file = deflated(DicomSlices.header("1.1", "1.2", 0).build(), 22);
        String message = assertThrows(
                        InvalidFileException.class,
                        () -> DicomFolder.at(file).images().get(0).read())
                .getMessage();
        assertTrue(
                message.startsWith(file + ": ")
                        && message.contains("22 bytes of pixels where its header promises 24")
                        && message.contains("fetch it again"),
                message);
    }
}
