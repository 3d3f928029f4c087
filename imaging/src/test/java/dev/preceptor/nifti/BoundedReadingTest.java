package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.testing.Gzip;
import dev.preceptor.testing.NamedPipe;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading any file ends within seconds and needs no more memory than its image. */
class BoundedReadingTest {
    private static final Duration TIME_LIMIT = Duration.ofSeconds(10);
    private static final long MAX_BYTES = 8 << 20;
    private static final int MEMBER = 1 << 26;

    @TempDir
    private Path folder;

    private static byte[] header(Size size, NiftiDatatype datatype) {
        Grid grid = Grid.of(size, 1);
        return HeaderWriter.header(Placement.of(grid), size, datatype, "", false);
    }

    /** A gzip file whose members decompress to {@code start} and then to {@code members} times 64 MiB of zeros. */
    private Path flood(byte[] start, int members) throws IOException {
        byte[] zeros = Gzip.compressed(new byte[MEMBER]);
        Path file = folder.resolve("flood_seg.nii.gz");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(Gzip.compressed(start));
            for (int i = 0; i < members; i++) {
                out.write(zeros);
            }
        }
        return file;
    }

    private static void assertRefusedInTime(Path file, String reason, List<Runnable> readers) {
        for (Runnable reader : readers) {
            assertTimeoutPreemptively(TIME_LIMIT, () -> {
                ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                long before = threads.getCurrentThreadAllocatedBytes();
                String message =
                        assertThrows(InvalidFileException.class, reader::run).getMessage();
                assertTrue(message.startsWith(file + ": ") && message.contains(reason), message);
                assertEquals(1, message.lines().count(), message);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < MAX_BYTES, "allocated " + allocated + " bytes");
            });
        }
    }

    private static List<Runnable> readingVoxels(Path file) {
        return List.of(
                () -> Nifti.summarise(file),
                () -> Nifti.readVolume(file),
                () -> Nifti.readVolumes(file),
                () -> Nifti.readLabelValues(file),
                () -> Nifti.readLabelMap(file, LabelSpace.BRATS_2018));
    }

    @Test
    void sixGibibytesBehind64VoxelsAreNotDecompressed() throws IOException {
        byte[] header = header(Size.cube(4), NiftiDatatype.UINT8);
        byte[] start = new byte[header.length + 64];
        System.arraycopy(header, 0, start, 0, header.length);
        Path file = flood(start, 96);
        assertRefusedInTime(file, "more than 16 MiB follow its last voxel", readingVoxels(file));
    }

    @Test
    void aVoxelOffsetOfGibibytesIsRefused() throws IOException {
        byte[] header = header(Size.cube(4), NiftiDatatype.UINT8);
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putFloat(108, 2_000_000_000);
        Path file = flood(header, 40);
        assertRefusedInTime(file, "vox_offset is 2000000000", readingVoxels(file));
    }

    @Test
    void declaredGibibytesAreNotDecompressedFromAFewMegabytes() throws IOException {
        Path file = flood(header(new Size(1024, 1024, 1024), NiftiDatatype.FLOAT64), 132);
        assertRefusedInTime(file, "a compression of more than 1:256", readingVoxels(file));
    }

    @Test
    void aFileWithAsManyLabelsAsVoxelsNeedsNoMemory() throws IOException {
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
        assertRefusedInTime(file, "this is not a label map", List.of(() -> Nifti.readLabelValues(file)));
    }

    @Test
    void aLabelOutOfTheIntegerRangeIsRefused() throws IOException {
        byte[] header = header(new Size(2, 1, 1), NiftiDatatype.INT64);
        for (long label : new long[] {1L << 31, -(1L << 40), Long.MAX_VALUE}) {
            ByteBuffer bytes = ByteBuffer.allocate(header.length + 16).order(ByteOrder.LITTLE_ENDIAN);
            bytes.put(header).putLong(label);
            Path file = Files.write(folder.resolve("x_seg.nii"), bytes.array());
            assertRefusedInTime(
                    file,
                    "not a label",
                    List.of(() -> Nifti.readLabelValues(file), () -> Nifti.readLabelMap(file, LabelSpace.BRATS_2018)));
        }
    }

    @Test
    void aNamedPipeIsRefusedWithoutWaiting() throws IOException, InterruptedException {
        Path pipe = NamedPipe.create(folder.resolve("x_t1ce.nii.gz"));
        assertRefusedInTime(pipe, "is a FIFO, socket or device", List.of(() -> Nifti.readHeader(pipe)));
    }

    @Test
    void aDeviceIsRefused() {
        Path device = Path.of("/dev/zero");
        assumeTrue(Files.exists(device), "skipped: there is no /dev/zero");
        assertRefusedInTime(device, "is a FIFO, socket or device", List.of(() -> Nifti.readHeader(device)));
    }

    @Test
    void aFourthDimensionOfExtent0ContainsOneImage() throws IOException {
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
