package dev.preceptor.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    @TempDir
    private Path folder;

    private List<Store> stores() {
        return List.of(
                new MountedStore(folder.resolve("local")),
                new HadoopStore(folder.resolve("hadoop").toUri()));
    }

    @Test
    void whatIsWrittenIsReadListedReplacedAndRemoved() {
        for (Store store : stores()) {
            assertEquals(Optional.empty(), store.read("a/b.txt"));
            assertEquals(Map.of(), store.files(""));
            store.write("a/b.txt", "first".getBytes(UTF_8));
            store.write("a/b.txt", "second".getBytes(UTF_8));
            store.write("c.txt", new byte[0]);
            assertArrayEquals("second".getBytes(UTF_8), store.read("a/b.txt").orElseThrow());
            assertEquals(Map.of("a/b.txt", 6L, "c.txt", 0L), store.files(""));
            assertEquals(Map.of("a/b.txt", 6L), store.files("a"));
            store.delete("a");
            store.delete("a");
            assertEquals(Map.of("c.txt", 0L), store.files(""));
        }
    }

    @Test
    void aFileThatIsFetchedAndKeptHasTheSameBytes() throws IOException {
        for (Store store : stores()) {
            Path local = folder.resolve("file");
            AtomicFiles.writeString(local, "content");
            store.keep(local, "x/file");
            assertEquals("content", Files.readString(store.fetch("x/file", folder.resolve("scratch"))));
        }
    }

    @Test
    void aMissingFileIsNamed() {
        Store store = new HadoopStore(folder.toUri());
        String message = assertThrows(PreceptorException.class, () -> store.fetch("none", folder.resolve("scratch")))
                .getMessage();
        assertTrue(message.contains("none"), message);
    }

    @Test
    void aPathThatBeginsWithASchemeIsAUri() {
        assertEquals(
                Optional.of(URI.create("s3a://bucket/a/b")),
                Place.of(Path.of("s3a://bucket/a/b")).uri());
        assertEquals(
                Optional.of(URI.create("hdfs://head:9000/a")),
                Place.of(Path.of("hdfs://head:9000/a")).uri());
        assertEquals(
                Optional.of(URI.create("file:///a")),
                Place.of(Path.of("file:///a")).uri());
        assertEquals(
                Optional.of(URI.create("hdfs:///a/b")), Place.of("hdfs:///a/b").uri());
        assertEquals(
                Optional.of(URI.create("hdfs:///a/b")), Place.of("hdfs:/a/b").uri());
        assertEquals(
                Optional.of(URI.create("hdfs:///a/b/c")),
                Place.of(Place.path("hdfs:///a/b").resolve("c")).uri());
        assertEquals(
                Optional.of(URI.create("s3a://bucket/a")),
                Place.of("s3a://bucket/a").uri());
        assertEquals("hdfs:///a", Place.of("hdfs:///a").toString());
        assertTrue(Place.of(Path.of("/a/s3a:/b")).isLocal());
        assertFalse(Place.of(Path.of("s3a:/b/c")).isLocal());
    }
}
