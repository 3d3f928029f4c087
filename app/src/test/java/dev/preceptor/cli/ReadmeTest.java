package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.RandomStreams;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Scores;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README promises: its library example compiles and runs, its commands are commands. */
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
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        folder + System.getProperty("path.separator") + classPath,
                        "Example")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        LabelMap labels = Nifti.readLabelMap(folder.resolve("patient_seg.nii.gz"), LabelSchema.BRATS_2018);
        assertTrue(labels.grid().matches(GRID));
    }

    @Test
    void everyCommandShownIsACommand() throws IOException {
        Matcher commands =
                Pattern.compile("^\\./preceptor ([a-z]+)", Pattern.MULTILINE).matcher(Files.readString(README));
        int found = 0;
        while (commands.find()) {
            found++;
            assertTrue(
                    Main.commandLine().getSubcommands().containsKey(commands.group(1)),
                    "no command " + commands.group(1));
        }
        assertTrue(found >= 5, "only " + found + " commands in " + README);
    }

    private static void writeInputs(Path folder) {
        float[] voxels = new float[GRID.size().voxels()];
        SplittableRandom random = new RandomStreams(1).stream("readme");
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (float) random.nextDouble(1, 100);
        }
        Nifti.write(folder.resolve("patient_t1ce.nii.gz"), new Volume(GRID, voxels));
        NetworkSpec spec = new NetworkSpec("unet", 1, 3, Map.of("widths", List.of(2, 4)));
        try (Network network = Networks.build(spec, 1)) {
            ModelDescription description = new ModelDescription(
                    network.spec(),
                    List.of(Sequence.T1CE),
                    TargetEncoding.REGIONS,
                    LabelSchema.BRATS_2018,
                    new Preprocessing(
                            "LPS",
                            0,
                            Preprocessing.Normalisation.ZSCORE_NONZERO,
                            Preprocessing.Crop.BRAIN,
                            List.of(),
                            List.of(),
                            1,
                            List.of()),
                    Size.cube(16),
                    0.5,
                    Map.of(),
                    Scores.NONE);
            ModelFile.of(description, network.parameters()).write(folder.resolve("student.safetensors"));
        }
    }
}
