package dev.preceptor.train;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A file system of a few megabytes that a test can fill. The test is skipped if this process may not mount one.
 *
 * @param root its mount point
 */
record SmallDisk(Path root) implements AutoCloseable {
    static SmallDisk mount(Path folder, int megabytes) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        String problem =
                run(List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString()));
        Assumptions.assumeTrue(problem.isEmpty(), "skipped: no tmpfs can be mounted here: " + problem);
        return new SmallDisk(folder);
    }

    /** Fills the free space. */
    void fill() {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(filler())) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            // The disk is full now.
            return;
        }
    }

    /** Frees the space again. */
    void empty() {
        try {
            Files.deleteIfExists(filler());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    long free() throws IOException {
        FileStore store = Files.getFileStore(root);
        return store.getUsableSpace();
    }

    private Path filler() {
        return root.resolve("filler");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        // Model files stay mapped until the garbage collector runs; the mount ends after that.
        String problem = run(List.of("umount", "--lazy", root.toString()));
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    /** The error of a command; empty if it succeeds. */
    private static String run(List<String> command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? "" : command.get(0) + " failed: " + output;
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
