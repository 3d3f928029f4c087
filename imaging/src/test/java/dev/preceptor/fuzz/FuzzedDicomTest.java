package dev.preceptor.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.sun.management.ThreadMXBean;
import dev.preceptor.Shared;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.DicomImage;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DICOM files cut at random places and with random bytes changed: a sound volume or a refusal in one line, soon and in little memory. */
@Tag("integration")
class FuzzedDicomTest {
    private static final long MAX_NANOS = 2_000_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    private final Map<String, String> failures = new TreeMap<>();
    private int sound;
    private int refused;

    @Test
    void aDamagedGoldenFileIsReadOrRefused() throws IOException {
        fuzz(files(TestFiles.of("imaging", "dicom")), 10, 30, 1);
    }

    @Test
    @Tag("fuzz")
    void aGoldenFileCutAndChangedThousandsOfTimesIsReadOrRefused() throws IOException {
        fuzz(files(TestFiles.of("imaging", "dicom")), 200, 2000, Long.getLong("preceptor.fuzz.seed", 1_000_000_000));
    }

    @Test
    @Tag("fuzz")
    @Tag("shared")
    void aFileOfAScannerCutAndChangedThousandsOfTimesIsReadOrRefused() throws IOException {
        fuzz(files(Shared.file("data/dicom")), 200, 2000, Long.getLong("preceptor.fuzz.seed", 1_000_000_000));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(DicomFile::isDicom).sorted().toList();
        }
    }

    private void fuzz(List<Path> files, int cuts, int changes, long seed) throws IOException {
        Path damaged = folder.resolve("damaged.dcm");
        for (Path file : files) {
            byte[] whole = Files.readAllBytes(file);
            SplittableRandom random =
                    new SplittableRandom(seed + file.getFileName().toString().hashCode());
            for (int i = 0; i < cuts; i++) {
                read(damaged, Arrays.copyOf(whole, random.nextInt(whole.length)), file.getFileName() + ", cut " + i);
            }
            for (int i = 0; i < changes; i++) {
                byte[] changed = whole.clone();
                // Half of the changes hit the header, where most of the structure is.
                int range = i % 2 == 0 ? whole.length : Math.min(whole.length, 4096);
                int count = i == 1 ? 2000 : 1 + random.nextInt(8);
                for (int n = 0; n < count; n++) {
                    changed[random.nextInt(range)] = (byte) random.nextInt(256);
                }
                read(damaged, changed, file.getFileName() + ", change " + i);
            }
        }
        System.out.println("fuzzed DICOM: " + files.size() + " files, " + sound + " read, " + refused + " refused");
        assertEquals("", String.join("\n", failures.values()), "seed " + seed);
        assertFalse(sound == 0 || refused == 0, sound + " read, " + refused + " refused");
    }

    private void read(Path file, byte[] bytes, String what) throws IOException {
        Files.write(file, bytes);
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long nanos = THREADS.getCurrentThreadCpuTime();
        String failure = "";
        try {
            for (DicomImage image : DicomFolder.at(file).images()) {
                if (image.problem().isEmpty()) {
                    Volume volume = image.read();
                    volume.grid().spacing();
                }
            }
            sound++;
        } catch (InvalidFileException e) {
            refused++;
            failure = e.getMessage().matches("(?s).*(\\n|java\\.|Exception\\b).*")
                    ? "foreign words: " + e.getMessage()
                    : "";
        } catch (Throwable e) {
            StackTraceElement[] trace = e.getStackTrace();
            failure = e + " at " + (trace.length == 0 ? "?" : trace[0]);
        }
        nanos = THREADS.getCurrentThreadCpuTime() - nanos;
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        if (failure.isEmpty() && nanos > MAX_NANOS) {
            failure = "slow: " + nanos / 1_000_000 + " ms";
        }
        if (failure.isEmpty() && allocated > (64L << 20) + 200L * bytes.length) {
            failure = "greedy: " + (allocated >> 20) + " MiB for " + bytes.length + " bytes";
        }
        if (!failure.isEmpty()) {
            failures.putIfAbsent(failure.replaceAll("[0-9]+", "#"), failure + " (" + what + ")");
        }
    }
}
