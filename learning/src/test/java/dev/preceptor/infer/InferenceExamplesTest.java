package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in the Javadoc of {@link Predictor}, compiled from there and run. */
class InferenceExamplesTest {
    private static final Path SOURCE = Path.of(System.getProperty("preceptor.root", ".."))
            .resolve("learning/src/main/java/dev/preceptor/infer/Predictor.java");
    private static final Grid GRID = Grid.of(new Size(20, 18, 12), 1.5);

    @Test
    void aPredictorWritesLabelsAndProbabilitiesOnTheGridOfItsInput(@TempDir Path folder) throws Exception {
        Nifti.write(folder.resolve("patient_t1ce.nii.gz"), NoiseVolumes.of(GRID, 1));
        Models.small(1).write(folder.resolve("student.safetensors"));
        run(example(), folder);
        assertTrue(Nifti.readLabelMap(folder.resolve("patient_seg.nii.gz"), LabelSpace.BRATS_2018)
                .grid()
                .matches(GRID));
        for (float value : Nifti.readVolume(folder.resolve("patient_wt.nii.gz")).voxels()) {
            assertTrue(value >= 0 && value <= 1, "probability " + value);
        }
    }

    private static String example() throws Exception {
        Matcher block = Pattern.compile("<pre>\\{@code\n(.*?)\n \\* }</pre>", Pattern.DOTALL)
                .matcher(Files.readString(SOURCE));
        assertTrue(block.find(), "no example in " + SOURCE);
        return block.group(1).replaceAll("(?m)^ \\* ?", "");
    }

    /** The example names files in the working folder; here they are in another one. */
    private static void run(String code, Path folder) throws Exception {
        Path source = Files.writeString(
                folder.resolve("Example.java"),
                "import dev.preceptor.infer.*;\nimport dev.preceptor.nifti.*;\nimport dev.preceptor.volume.*;\n"
                        + "import java.nio.file.Path;\nimport java.util.*;\n"
                        + "public class Example { public static void run(Path folder) {\n"
                        + code.replace("Path.of(", "folder.resolve(") + "}}\n");
        String classPath = System.getProperty("java.class.path");
        assertEquals(
                0,
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-cp", classPath, "-d", folder.toString(), source.toString()));
        try (URLClassLoader classes =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            classes.loadClass("Example").getMethod("run", Path.class).invoke(null, folder);
        }
    }
}
