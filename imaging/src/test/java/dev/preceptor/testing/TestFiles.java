package dev.preceptor.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds files in the test resources of the project, from the tests of any module. */
public final class TestFiles {
    private TestFiles() {}

    /**
     * A file or folder in the test resources of a module.
     *
     * @param module the folder of the module, for example {@code imaging}
     * @param name the path below {@code src/test/resources}
     * @throws IllegalArgumentException if it does not exist
     */
    public static Path of(String module, String name) {
        Path path = Path.of(System.getProperty("preceptor.root", ".."), module, "src", "test", "resources")
                .resolve(name)
                .toAbsolutePath()
                .normalize();
        if (!Files.exists(path)) {
            throw new IllegalArgumentException(path + " is not among the test resources");
        }
        return path;
    }

    /**
     * Additional golden files: those below the folder in the system property {@code preceptor.golden} that satisfy a
     * predicate, sorted; none if the property is empty.
     */
    public static List<Path> furtherGolden(Predicate<Path> isOfKind) {
        String folder = System.getProperty("preceptor.golden", "");
        if (folder.isEmpty()) {
            return List.of();
        }
        try (Stream<Path> found = Files.walk(Path.of(folder))) {
            return found.filter(isOfKind).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("preceptor.golden: " + folder + " cannot be read", e);
        }
    }
}
