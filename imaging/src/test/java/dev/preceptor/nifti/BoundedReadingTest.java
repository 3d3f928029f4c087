package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Size;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a file holds, reading it ends within seconds and needs no more memory than its image. */
class BoundedReadingTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final long MOST_BYTES = 8 << 20;
    private static final int MEMBER = 1 << 26;

    @TempDir
    private Path folder;

    private static byte[] header(Size size, NiftiDatatype datatype) {
        Grid grid = Grid.of(size, 1);
        return HeaderWriter.header(Placement.of(grid), size, datatype, "", false);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }

    /** A gzip file whose members inflate to the start and then to so many times 64 MiB of zeros. */
    private Path flood(byte[] start, int members) throws IOException {
        byte[] zeros = gzip(new byte[MEMBER]);
        Path file = folder.resolve("flood_seg.nii.gz");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(gzip(start));
            for (int i = 0; i < members; i++) {
                out.write(zeros);
            }
        }
        return file;
    }

    private static void refusedSoon(Path file, String reason, List<Runnable> ways) {
        for (Runnable way : ways) {
            assertTimeoutPreemptively(SOON, () -> {
                ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                long before = threads.getCurrentThreadAllocatedBytes();
                String message =
                        assertThrows(InvalidFileException.class, way::run).getMessage();
                assertTrue(message.startsWith(file + ": ") && message.contains(reason), message);
                assertEquals(1, message.lines().count(), message);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < MOST_BYTES, "allocated " + allocated + " bytes");
            });
        }
    }

    private static List<Runnable> readingVoxels(Path file) {
        return List.of(
                () -> Nifti.summarise(file),
                () -> Nifti.readVolume(file),
                () -> Nifti.readVolumes(file),
                () -> Nifti.readLabelValues(file),
                () -> Nifti.readLabelMap(file, LabelSchema.BRATS_2018));
    }

    @Test
    void sixGibibytesBehind64VoxelsAreNotInflated() throws IOException {
        byte[] header = header(Size.cube(4), NiftiDatatype.UINT8);
        byte[] start = new byte[header.length + 64];
        System.arraycopy(header, 0, start, 0, header.length);
        Path file = flood(start, 96);
        refusedSoon(file, "more than 16 MiB follow its last voxel", readingVoxels(file));
    }

    @Test
    void voxelsThatAreSaidToStandBehindGibibytesAreRefused() throws IOException {
        byte[] header = header(Size.cube(4), NiftiDatatype.UINT8);
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putFloat(108, 2_000_000_000);
        Path file = flood(header, 40);
        refusedSoon(file, "vox_offset is 2000000000", readingVoxels(file));
    }

    @Test
    void gibibytesThatTheHeaderPromisesAreNotInflatedFromAFewMegabytes() throws IOException {
        Path file = flood(header(new Size(1024, 1024, 1024), NiftiDatatype.FLOAT64), 132);
        refusedSoon(file, "a compression of more than 1:256", readingVoxels(file));
    }

    @Test
    void asManyLabelsAsVoxelsNeedNoMemory() throws IOException {
        Size size = new Size(256, 256, 16);
        byte[] header = header(size, NiftiDatatype.INT32);
        ByteBuffer bytes =
                ByteBuffer.allocate(header.length + 4 * size.voxels()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(header);
        SplittableRandom random = new SplittableRandom(1);
        while (bytes.hasRemaining()) {
            bytes.putInt(random.nextInt());
        }
        Path file = Files.write(folder.resolve("x_seg.nii"), bytes.array());
        refusedSoon(file, "this is no label map", List.of(() -> Nifti.readLabelValues(file)));
    }

    @Test
    void aLabelBeyondTheRangeOfIntegersIsRefused() throws IOException {
        byte[] header = header(new Size(2, 1, 1), NiftiDatatype.INT64);
        for (long label : new long[] {1L << 31, -(1L << 40), Long.MAX_VALUE}) {
            ByteBuffer bytes = ByteBuffer.allocate(header.length + 16).order(ByteOrder.LITTLE_ENDIAN);
            bytes.put(header).putLong(label);
            Path file = Files.write(folder.resolve("x_seg.nii"), bytes.array());
            refusedSoon(
                    file,
                    "not a label",
                    List.of(() -> Nifti.readLabelValues(file), () -> Nifti.readLabelMap(file, LabelSchema.BRATS_2018)));
        }
    }

    @Test
    void aFifoIsRefusedInsteadOfWaitedFor() throws IOException, InterruptedException {
        Path fifo = folder.resolve("x_t1ce.nii.gz");
        boolean made;
        try {
            made = new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            made = false;
        }
        assumeTrue(made, "skipped: there is no mkfifo here");
        refusedSoon(fifo, "is a FIFO, socket or device", List.of(() -> Nifti.readHeader(fifo)));
    }

    @Test
    void aDeviceIsRefused() {
        Path device = Path.of("/dev/zero");
        assumeTrue(Files.exists(device), "skipped: there is no /dev/zero here");
        refusedSoon(device, "is a FIFO, socket or device", List.of(() -> Nifti.readHeader(device)));
    }

    @Test
    void aFourthDimensionOfExtent0HoldsOneImage() throws IOException {
        byte[] header = header(new Size(2, 1, 1), NiftiDatatype.UINT8);
        ByteBuffer bytes = ByteBuffer.allocate(header.length + 2).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(header).put((byte) 7).put((byte) 9);
        Path file = folder.resolve("x.nii");
        for (short dimensions = 4; dimensions <= 7; dimensions++) {
            bytes.putShort(40, dimensions).putShort(40 + 2 * dimensions, (short) 0);
            Files.write(file, bytes.array());
            assertEquals(9, Nifti.readVolume(file).at(1, 0, 0));
            assertTrue(Nifti.readHeader(file).warnings().contains("dim[" + dimensions + "] is 0; taken as 1"));
        }
        bytes.putShort(44, (short) 0);
        Files.write(file, bytes.array());
        String message = assertThrows(InvalidFileException.class, () -> Nifti.readHeader(file))
                .getMessage();
        assertTrue(message.contains("the extent of dimension 2 is 0"), message);
    }
}
