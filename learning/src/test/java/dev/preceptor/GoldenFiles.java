package dev.preceptor;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.TestFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.DynamicTest;

/** Safetensors files with values computed by others, and one test for each of them. */
public final class GoldenFiles {
    private GoldenFiles() {}

    /** Where golden tests compute: the CPU, or the device in the system property {@code preceptor.device}. */
    public static Device device() {
        return Torch.device(System.getProperty("preceptor.device", "cpu"));
    }

    /** A golden file of this module: {@code losses.safetensors}, for example. */
    public static Safetensors read(String name) {
        return Safetensors.read(TestFiles.of("learning", "golden/" + name));
    }

    /**
     * A test for a golden file of this module, and for each further file of its kind under the folder in the system property
     * {@code preceptor.golden}.
     *
     * @param kind {@code kind} in the metadata of such a file
     */
    public static Stream<DynamicTest> tests(String name, String kind, Consumer<Safetensors> check) {
        List<Path> files = new ArrayList<>(List.of(TestFiles.of("learning", "golden/" + name)));
        files.addAll(TestFiles.furtherGolden(file -> isOf(kind, file)));
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
