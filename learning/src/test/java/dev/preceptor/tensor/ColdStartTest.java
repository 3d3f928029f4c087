package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** libtorch with an empty cache of native libraries; unpacks 450 MB to a temporary folder, which is deleted. */
@Tag("integration")
class ColdStartTest {
    @TempDir
    Path cache;

    /** Runs in a new JVM. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            Torch.useThreads(1);
            System.out.println("threads " + Torch.threads());
            try (PointerScope scope = new PointerScope()) {
                if (torch.globalContext().allowTF32CuDNN()) {
                    System.out.println("TF32 is allowed");
                }
            }
        }
    }

    @Test
    void anEmptyCacheIsFilledAndAnAlteredLibraryIsReplacedAndNamed() throws Exception {
        List<String> named = List.of("-Dorg.bytedeco.javacpp.cachedir=" + cache);
        assertEquals("threads 1", start(named).strip());
        assertTrue(sizeOfCache() > 50L << 20, "nothing was unpacked to " + cache);
        Path library = find("libc10.so");
        byte[] right = Files.readAllBytes(library);
        FileTime time = Files.getLastModifiedTime(library);
        byte[] wrong = right.clone();
        wrong[wrong.length / 2] ^= 1;
        Files.write(library, wrong);
        Files.setLastModifiedTime(library, time);
        String output = start(named);
        assertTrue(output.contains(library + ": differs from the file in pytorch-"), output);
        assertTrue(output.strip().endsWith("threads 1"), output);
        assertArrayEquals(right, Files.readAllBytes(library));
    }

    @Test
    void aUserWithoutHomeLoadsNoPlantedLibraryAndLeavesNothingInTheWorkingFolder() throws Exception {
        Path temporary = Files.createDirectory(cache.resolve("tmp"));
        Path javacpp = jarOf("javacpp");
        String user = System.getProperty("user.name");
        Path planted = temporary.resolve(".javacpp-" + user + "/cache").resolve(javacpp.getFileName());
        try (JarFile jar = new JarFile(javacpp.toFile())) {
            // JavaCPP trusts a file of the right size and time; this one would end the process.
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (entry.getName().endsWith("jnijavacpp.so")) {
                    Path file = planted.resolve(entry.getName());
                    Files.createDirectories(file.getParent());
                    Files.write(file, new byte[(int) entry.getSize()]);
                    Files.setLastModifiedTime(file, FileTime.fromMillis(entry.getTime()));
                }
            }
        }
        String output = start(List.of("-Duser.home=?", "-Djava.io.tmpdir=" + temporary));
        assertEquals("threads 1", output.strip());
        try (Stream<Path> entries = Files.list(cache)) {
            assertEquals(List.of(temporary), entries.toList(), "nothing is unpacked into the working folder");
        }
        try (Stream<Path> entries = Files.list(temporary)) {
            assertEquals(
                    1,
                    entries.filter(entry -> entry.getFileName().toString().startsWith("preceptor-native-"))
                            .count());
        }
    }

    private String start(List<String> options) throws Exception {
        ProcessBuilder builder = JavaProcess.builder(options, Program.class, List.of())
                .directory(cache.toFile())
                .redirectErrorStream(true);
        List.of("XDG_CACHE_HOME", "PRECEPTOR_CACHE", "HOME").forEach(builder.environment()::remove);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), output);
        assertEquals(0, process.exitValue(), output);
        return output;
    }

    private Path find(String name) throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(file -> file.getFileName().toString().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Path jarOf(String name) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(jar ->
                        jar.getFileName().toString().matches(name + "-[0-9.]+-" + Loader.getPlatform() + "\\.jar"))
                .findFirst()
                .orElseThrow();
    }

    private long sizeOfCache() throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(ColdStartTest::size)
                    .sum();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
