package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

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
    void theJarOfThisModuleHoldsItsOwnClassesOnly() throws IOException, URISyntaxException {
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
            List<String> classes = tree.map(file -> root.relativize(file).toString())
                    .filter(name -> name.endsWith(".class"))
                    .toList();
            assertFalse(classes.isEmpty());
            assertEquals(
                    List.of(),
                    classes.stream()
                            .filter(name ->
                                    !name.startsWith("dev" + File.separator + "preceptor" + File.separator + "spark"))
                            .toList());
        }
    }
}
