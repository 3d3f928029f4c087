package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verification with a small jar in place of libtorch's. */
class UnpackedLibrariesTest {
    private static final String INSIDE = "org/bytedeco/small/" + Loader.getPlatform() + "/";

    @TempDir
    private Path folder;

    private Path cache;
    private Path unpacked;
    private Path linkerFolder;
    private URLClassLoader classes;
    private final List<String> notices = new ArrayList<>();

    @BeforeEach
    void unpack() throws IOException {
        Path jar = folder.resolve("small.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String name : List.of("org/bytedeco/", INSIDE + "liba.so", INSIDE + "libb.so")) {
                out.putNextEntry(new JarEntry(name));
                out.write(name.endsWith("/") ? new byte[0] : ("code of " + name).getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        cache = Files.createDirectory(folder.resolve("cache"));
        linkerFolder = Files.createDirectory(folder.resolve("lib64"));
        unpacked = Files.createDirectories(cache.resolve("small.jar").resolve(INSIDE));
        for (String name : List.of("liba.so", "libb.so")) {
            Files.writeString(unpacked.resolve(name), "code of " + INSIDE + name);
        }
        classes = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
    }

    @AfterEach
    void close() throws IOException {
        classes.close();
    }

    @Test
    void genuineFilesStayWithTheirLinksAndSecondNames() throws IOException {
        Files.copy(unpacked.resolve("liba.so"), unpacked.resolve("liba.so.1"));
        Files.createSymbolicLink(unpacked.resolve("lib.so"), Path.of("liba.so.1"));
        verify();
        assertEquals(List.of(), notices);
        assertTrue(Files.exists(unpacked.resolve("lib.so")));
    }

    @Test
    void anAlteredLibraryOfTheSameSizeAndTimeIsDeletedAndNamed() throws IOException {
        verify();
        Path library = unpacked.resolve("liba.so");
        FileTime time = Files.getLastModifiedTime(library);
        Files.writeString(library, Files.readString(library).replace("code", "evil"));
        Files.setLastModifiedTime(library, time);
        verify();
        assertFalse(Files.exists(library));
        assertEquals(
                List.of(library
                        + ": differs from the file in small.jar and is not loaded; it is deleted and unpacked again"),
                notices);
    }

    @Test
    void filesThatAreNotInTheJarAreDeleted() throws IOException {
        Files.writeString(unpacked.resolve("libplanted.so"), "evil");
        Files.writeString(folder.resolve("evil.so"), "evil");
        Files.createSymbolicLink(unpacked.resolve("liblink.so"), folder.resolve("evil.so"));
        Files.delete(unpacked.resolve("libb.so"));
        Files.createSymbolicLink(unpacked.resolve("libb.so"), folder.resolve("evil.so"));
        verify();
        assertEquals(3, notices.size(), notices.toString());
        assertFalse(Files.exists(unpacked.resolve("libplanted.so")));
        assertFalse(Files.isSymbolicLink(unpacked.resolve("liblink.so")));
        assertFalse(Files.isSymbolicLink(unpacked.resolve("libb.so")));
        assertEquals("evil", Files.readString(folder.resolve("evil.so")), "links are deleted, not their targets");
    }

    @Test
    void aLinkInPlaceOfTheWholeFolderIsDeleted() throws IOException {
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(cache.resolve("small.jar"), elsewhere);
        Files.createSymbolicLink(cache.resolve("small.jar"), elsewhere);
        verify();
        assertEquals(1, notices.size(), notices.toString());
        assertFalse(Files.exists(cache.resolve("small.jar")));
        assertTrue(Files.exists(elsewhere));
    }

    @Test
    void aLinkToALibraryThatTheLinkerWouldFindAnywayStays() throws IOException {
        Files.writeString(linkerFolder.resolve("libcublas.so.13.0.2"), "of CUDA");
        Files.createSymbolicLink(linkerFolder.resolve("libcublas.so.13"), Path.of("libcublas.so.13.0.2"));
        Files.createSymbolicLink(unpacked.resolve("libcublas.so.13"), linkerFolder.resolve("libcublas.so.13"));
        verify();
        assertEquals(List.of(), notices);
        assertTrue(Files.exists(unpacked.resolve("libcublas.so.13")));
    }

    @Test
    void aLinkToAnotherLibraryOfTheLinkerOrInPlaceOfAnEntryIsDeleted() throws IOException {
        Files.writeString(linkerFolder.resolve("libother.so"), "other");
        Files.writeString(linkerFolder.resolve("libb.so"), "other");
        Files.createSymbolicLink(unpacked.resolve("libcublas.so.13"), linkerFolder.resolve("libother.so"));
        Files.delete(unpacked.resolve("libb.so"));
        Files.createSymbolicLink(unpacked.resolve("libb.so"), linkerFolder.resolve("libb.so"));
        verify();
        assertEquals(2, notices.size(), notices.toString());
        assertFalse(Files.isSymbolicLink(unpacked.resolve("libcublas.so.13")));
        assertFalse(Files.isSymbolicLink(unpacked.resolve("libb.so")));
    }

    @Test
    void librariesAreListedWhileAnotherProcessDeletesAndMakesLinks() throws Exception {
        AtomicBoolean isDone = new AtomicBoolean();
        Thread other = new Thread(() -> {
            try {
                while (!isDone.get()) {
                    for (int i = 0; i < 20; i++) {
                        Files.createSymbolicLink(unpacked.resolve("liblink.so." + i), Path.of("liba.so"));
                    }
                    for (int i = 0; i < 20; i++) {
                        Files.delete(unpacked.resolve("liblink.so." + i));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        other.start();
        try {
            for (int i = 0; i < 500; i++) {
                assertTrue(libraries().files().contains(unpacked.resolve("liba.so")));
            }
        } finally {
            isDone.set(true);
            other.join();
        }
    }

    private UnpackedLibraries libraries() {
        return new UnpackedLibraries(cache, classes, () -> List.of(linkerFolder), notices::add);
    }

    private void verify() throws IOException {
        libraries().verify();
    }
}
