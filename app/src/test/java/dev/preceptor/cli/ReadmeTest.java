package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.JavaProcess;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library example of the README compiles and runs, and the commands that it shows exist. */
@Tag("integration")
class ReadmeTest {
    private static final Path README =
            Path.of(System.getProperty("preceptor.root", "..")).resolve("README.md");
    private static final Grid GRID = Grid.of(new Size(20, 18, 12), 1.5);

    @Test
    void theLibraryExampleWritesALabelMapOnTheGridOfItsInput(@TempDir Path folder) throws Exception {
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(README));
        assertTrue(block.find(), "no Java example in " + README);
        Path source = Files.writeString(
                folder.resolve("Example.java"),
                "import dev.preceptor.infer.*;\nimport dev.preceptor.nifti.*;\nimport dev.preceptor.volume.*;\n"
                        + "import java.nio.file.Path;\nimport java.util.*;\n"
                        + "public class Example { public static void main(String[] a) {\n" + block.group(1) + "}}\n");
        String classPath = System.getProperty("java.class.path");
        assertEquals(
                0,
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-cp", classPath, "-d", folder.toString(), source.toString()));
        writeInputs(folder);
        Process process = new ProcessBuilder(JavaProcess.command(
                        List.of("-cp", folder + System.getProperty("path.separator") + classPath),
                        "Example",
                        List.of()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        LabelMap labels = Nifti.readLabelMap(folder.resolve("patient_seg.nii.gz"), LabelSpace.BRATS_2018);
        assertTrue(labels.grid().matches(GRID));
    }

    @Test
    void everyCommandShownExists() throws IOException {
        Matcher commands =
                Pattern.compile("^\\./preceptor ([a-z]+)", Pattern.MULTILINE).matcher(Files.readString(README));
        int found = 0;
        while (commands.find()) {
            found++;
            assertTrue(
                    Main.commandLine(new StringWriter(), new StringWriter())
                            .getSubcommands()
                            .containsKey(commands.group(1)),
                    "no command " + commands.group(1));
        }
        assertTrue(found >= 5, "only " + found + " commands in " + README);
    }

    private static void writeInputs(Path folder) {
        Nifti.write(folder.resolve("patient_t1ce.nii.gz"), NoiseVolumes.of(GRID, 1));
        Models.small(1).write(folder.resolve("student.safetensors"));
    }
}
