package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Spark brings Jackson, a logging backend and Scala in versions of its own: this module must carry none of them. */
class ThinJarTest {
    @Test
    void theJarOfThisModuleHoldsItsOwnFilesOnly() throws IOException, URISyntaxException {
        Path place = Path.of(SparkSubmit.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (Files.isDirectory(place)) {
            assertOwn(place);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                assertOwn(jar.getPath("/"));
            }
        }
    }

    private static void assertOwn(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            List<String> files = tree.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace(File.separatorChar, '/'))
                    .toList();
            assertTrue(files.contains("dev/preceptor/spark/SparkSubmit.class"), files.toString());
            assertEquals(
                    List.of(),
                    files.stream()
                            .filter(name -> !name.startsWith("dev/preceptor/spark/"))
                            // What Maven writes into every jar; no services, no settings of a logger.
                            .filter(name -> !name.matches("META-INF/(MANIFEST.MF|LICENSE.*|NOTICE.*|maven/.*)"))
                            .toList());
        }
    }
}
