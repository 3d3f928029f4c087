package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.testing.NamedPipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing to targets that are not regular files. */
class SpecialFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aDeviceIsWrittenToAndKept() throws Exception {
        Path device = folder.resolve("null");
        boolean isOwn = run("mknod", device.toString(), "c", "1", "3") == 0;
        Path target = isOwn ? device : Path.of("/dev/null");
        assumeTrue(Files.exists(target), "skipped: there is no /dev/null");
        AtomicFiles.writeString(target, "gone");
        assertTrue(attributes(target).isOther(), "the target is still a device");
        assertEquals(isOwn ? List.of("null") : List.of(), names());
    }

    @Test
    void aNamedPipeIsWrittenToAndKept() throws Exception {
        Path pipe = NamedPipe.create(folder.resolve("pipe"));

        CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.readString(pipe);
            } catch (IOException e) {
                return e.toString();
            }
        });
        AtomicFiles.writeString(pipe, "through the pipe");
        assertEquals("through the pipe", read.get(10, TimeUnit.SECONDS));
        assertTrue(attributes(pipe).isOther());
    }

    @Test
    void aFullDeviceIsReportedAsAFullDisk() {
        assumeTrue(Files.exists(Path.of("/dev/full")), "skipped: there is no /dev/full");
        PreceptorException refused =
                assertThrows(PreceptorException.class, () -> AtomicFiles.writeString(Path.of("/dev/full"), "much"));
        assertEquals("/dev/full: cannot be written: No space left on device", refused.getMessage());
    }

    @Test
    void theFileBehindALinkIsReplacedAndTheLinkKept() throws IOException {
        Path file = Files.createDirectory(folder.resolve("elsewhere")).resolve("file.json");
        Files.writeString(file, "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), Path.of("elsewhere", "file.json"));
        Path second = Files.createSymbolicLink(folder.resolve("second.json"), link);
        AtomicFiles.writeString(second, "new");
        assertTrue(Files.isSymbolicLink(second) && Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(file));
        Files.delete(file);
        AtomicFiles.writeString(link, "first");
        assertEquals("first", Files.readString(file), "a link to a file that does not exist yet");
    }

    @Test
    void brokenLinksAreNamedAsSuch() throws IOException {
        Path loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        Path nowhere = Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("absent/file"));
        assertEquals(
                loop + ": is a symbolic link that leads back to itself; name a file",
                assertThrows(PreceptorException.class, () -> AtomicFiles.writeString(loop, "x"))
                        .getMessage());
        assertEquals(
                nowhere + ": is a symbolic link to " + folder.resolve("absent/file")
                        + ", whose folder does not exist; make it, or name a file",
                assertThrows(PreceptorException.class, () -> AtomicFiles.writeString(nowhere, "x"))
                        .getMessage());
        assertFalse(Files.exists(folder.resolve("absent")));
    }

    @Test
    void aFolderIsRefused() {
        PreceptorException refused = assertThrows(PreceptorException.class, () -> AtomicFiles.writeString(folder, "x"));
        assertEquals(folder + ": is a folder; name a file", refused.getMessage());
    }

    @Test
    void aReplacementKeepsThePermissions() throws IOException {
        assumeTrue(
                folder.getFileSystem().supportedFileAttributeViews().contains("posix"),
                "skipped: the file system has no POSIX permissions");
        Path file = Files.writeString(folder.resolve("mine.json"), "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        AtomicFiles.writeString(file, "new");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            return -1;
        }
    }
}
