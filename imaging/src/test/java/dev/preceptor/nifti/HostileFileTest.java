package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.testing.Gzip;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are damaged, truncated or malicious are refused in one line, before their declared voxels are allocated.
 */
class HostileFileTest {
    private static final long MAX_BYTES = 4 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    /**
     * Reads a file with every reader; a result or a refusal is expected, any other exception or a large allocation is
     * an error.
     */
    private static void readWithEveryReader(Path file, String what) {
        List<Runnable> readers = List.of(
                () -> Nifti.readHeader(file),
                () -> Nifti.summarise(file),
                () -> Nifti.readVolume(file),
                () -> Nifti.readVolumes(file),
                () -> Nifti.readLabelValues(file));
        for (int i = 0; i < readers.size(); i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                readers.get(i).run();
            } catch (PreceptorException e) {
                assertTrue(e.getMessage().startsWith(file.getParent().toString()), e.getMessage());
                assertTrue(!e.getMessage().contains("\n"), e.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError(what + ", reader " + i, e);
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < MAX_BYTES, what + ", reader " + i + " allocated " + allocated + " bytes");
        }
    }

    @Test
    void flippedBitsAndTruncationAreRefused() throws IOException {
        Path corpus = TestFiles.of("imaging", "golden/nifti");
        List<Path> files;
        try (Stream<Path> all = Files.list(corpus)) {
            files = all.filter(f -> f.toString().matches(".*\\.nii(\\.gz)?"))
                    .sorted()
                    .toList();
        }
        for (int f = 0; f < files.size(); f++) {
            byte[] original = Files.readAllBytes(files.get(f));
            Path file = folder.resolve(files.get(f).getFileName().toString());
            for (int seed = 0; seed < 25; seed++) {
                SplittableRandom random = new SplittableRandom(1000L * f + seed);
                byte[] bytes = original.clone();
                for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                    bytes[random.nextInt(Math.min(bytes.length, 352))] ^= (byte) (1 << random.nextInt(8));
                }
                if (seed % 5 == 0) {
                    bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
                }
                Files.write(file, bytes);
                readWithEveryReader(file, file.getFileName() + " seed " + seed);
            }
        }
    }

    /** A header that declares {@code voxels} float32 voxels along one axis, followed by {@code held} voxels of 0. */
    private static byte[] declared(int voxels, int held) {
        Grid grid = Grid.of(new Size(voxels, 1, 1), 1);
        byte[] header = HeaderWriter.header(Placement.of(grid), grid.size(), NiftiDatatype.FLOAT32, "", false);
        return Arrays.copyOf(header, header.length + held * Float.BYTES);
    }

    @Test
    void declaredVoxelsThatAGzipFileLacksAreRefusedBeforeAllocation() throws IOException {
        Path file = folder.resolve("declared.nii.gz");
        // 400 MB declared, 40 MB of zeros in 40 kB: more than deflate can compress.
        Files.write(file, Gzip.compressed(declared(100_000_000, 10_000_000)));
        readWithEveryReader(file, "more voxels than deflate's ratio allows");
        assertThrows(InvalidFileException.class, () -> Nifti.readHeader(file));
        // 100 MB declared, 96 MB present: found only by decompressing.
        Files.write(file, Gzip.compressed(declared(25_000_000, 24_000_000)));
        readWithEveryReader(file, "fewer voxels than deflate's ratio allows");
        assertThrows(InvalidFileException.class, () -> Nifti.readHeader(file));
        // The same with a wrong length in the trailer.
        byte[] wrongTrailer = Gzip.compressed(declared(25_000_000, 24_000_000));
        ByteBuffer.wrap(wrongTrailer)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(wrongTrailer.length - 4, 25_000_000 * 4 + 544);
        Files.write(file, wrongTrailer);
        readWithEveryReader(file, "a wrong length in the trailer");
        assertThrows(InvalidFileException.class, () -> Nifti.readHeader(file));
    }

    @Test
    void anImageLargerThanTheHeapIsRefused() throws IOException {
        Path file = sparse((int) Math.min(32_000, Math.cbrt(Runtime.getRuntime().maxMemory() / 4.0) + 200));
        InvalidFileException refusal = assertThrows(InvalidFileException.class, () -> Nifti.readVolume(file));
        assertTrue(refusal.getMessage().matches(".*(-Xmx|2\\^31).*"), refusal.getMessage());
    }

    @Test
    void aLabelMapLargerThanTheHeapIsRefused() throws IOException {
        long heap = Runtime.getRuntime().maxMemory();
        assumeTrue(heap <= 1L << 31, "skipped: the heap holds every array");
        // The largest cube of less than 2^31 voxels has an edge of 1290.
        Path file = sparse((int) Math.min(1290, Math.cbrt(heap) + 20));
        InvalidFileException refusal =
                assertThrows(InvalidFileException.class, () -> Nifti.readLabelMap(file, LabelSpace.BRATS_2018));
        assertTrue(refusal.getMessage().matches(".*sparse.nii.*-Xmx"), refusal.getMessage());
    }

    /** A cube of zeros of one byte, which takes no space on most file systems. */
    private Path sparse(int extent) throws IOException {
        Path file = folder.resolve("sparse.nii");
        Grid grid = Grid.of(Size.cube(16), 1);
        byte[] header = HeaderWriter.header(Placement.of(grid), grid.size(), NiftiDatatype.UINT8, "", false);
        ByteBuffer dim = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        for (int axis = 1; axis <= 3; axis++) {
            dim.putShort(40 + 2 * axis, (short) extent);
        }
        Files.write(file, header);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), header.length + (long) extent * extent * extent);
        }
        return file;
    }

    @Test
    void gzipMembersHeaderFieldsAndPaddingAreRead() throws IOException {
        Path file = folder.resolve("members.nii.gz");
        Volume volume = NiftiFixture.volume(4);
        Path plain = folder.resolve("plain.nii");
        Nifti.write(plain, volume);
        byte[] bytes = Files.readAllBytes(plain);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int from = 0; from < bytes.length; from += 1000) {
            byte[] member = Gzip.compressed(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 1000)));
            member[3] = 4 | 8 | 16;
            all.write(member, 0, 10);
            all.write(new byte[] {3, 0, 'x', 'y', 'z', 'n', 'a', 'm', 'e', 0, 'c', 0});
            all.write(member, 10, member.length - 10);
        }
        all.write(new byte[100]);
        Files.write(file, all.toByteArray());
        assertEquals(
                Arrays.toString(volume.voxels()),
                Arrays.toString(Nifti.readVolume(file).voxels()));
    }

    @Test
    void thePositionOfGzipDamageIsReported() throws IOException {
        byte[] whole = Gzip.compressed(declared(50, 50));
        Path file = folder.resolve("broken.nii.gz");
        byte[] cut = Arrays.copyOf(whole, whole.length - 10);
        byte[] badLength = whole.clone();
        badLength[whole.length - 4] ^= 1;
        byte[] garbage = Arrays.copyOf(whole, whole.length + 3);
        garbage[whole.length] = 'x';
        byte[] method = whole.clone();
        method[2] = 7;
        assertEquals("broken gzip at byte " + cut.length + " of " + cut.length, problem(file, cut));
        assertEquals("broken gzip at byte " + whole.length + " of " + whole.length, problem(file, badLength));
        assertEquals("broken gzip at byte " + (whole.length + 1) + " of " + garbage.length, problem(file, garbage));
        assertEquals("broken gzip at byte 3 of " + whole.length, problem(file, method));
    }

    private static String problem(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        String message = assertThrows(InvalidFileException.class, () -> Nifti.readVolume(file))
                .getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        return message.substring(
                file.toString().length() + 2,
                message.indexOf(": ", file.toString().length() + 2));
    }

    @Test
    void aMissingFileAndAFolderAreRefused() {
        assertThrows(InvalidFileException.class, () -> Nifti.readHeader(folder.resolve("absent.nii.gz")));
        assertThrows(InvalidFileException.class, () -> Nifti.readHeader(folder));
    }
}
