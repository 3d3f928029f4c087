package dev.preceptor;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Safetensors files with values that nobody here computed, and one test for each of them. */
public final class GoldenFiles {
    private GoldenFiles() {}

    /**
     * A test for the file in {@code shared/golden}, and for each further file of its kind under the folder in the system
     * property {@code preceptor.golden}.
     *
     * @param kind {@code kind} in the metadata of such a file
     */
    public static Stream<DynamicTest> tests(String name, String kind, Consumer<Safetensors> check) throws IOException {
        List<Path> files = new ArrayList<>();
        String further = System.getProperty("preceptor.golden", "");
        if (!further.isEmpty()) {
            try (Stream<Path> found = Files.walk(Path.of(further))) {
                found.filter(file -> isOf(kind, file)).sorted().forEach(files::add);
            }
        }
        if (files.isEmpty() || Files.exists(Path.of(System.getProperty("preceptor.shared", "none")))) {
            files.add(0, Shared.file("golden/" + name));
        }
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.toString(), () -> check.accept(Safetensors.read(file))));
    }

    private static boolean isOf(String kind, Path file) {
        if (!file.toString().endsWith(".safetensors")) {
            return false;
        }
        try {
            return kind.equals(Safetensors.read(file).metadata().get("kind"));
        } catch (InvalidFileException e) {
            // Another kind of file, or a broken one that another test is about.
            return false;
        }
    }
}
