package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Scores;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * Runs the commands whose start matters once, on a phantom and with a tiny model, so that the JVM can list the classes that they
 * need. The launcher calls it to make an archive of these classes ({@code docs/decisions/020}).
 */
final class Rehearsal {
    /** Wide enough for the convolutions of models of real width. */
    private static final int WIDTH = 16;

    private Rehearsal() {}

    public static void main(String[] arguments) throws IOException {
        run("--help");
        run("predict", "--help");
        Path folder = Files.createTempDirectory("preceptor-rehearsal-");
        try {
            Path cohort = folder.resolve("cohort");
            Path model = folder.resolve("model.safetensors");
            run("phantom", "--out", cohort.toString(), "--subjects", "1", "--size", "24");
            writeModel(model);
            run("inspect", model.toString());
            String predictions = folder.resolve("predictions").toString();
            run("predict", "--model", model.toString(), "--input", cohort.toString(), "--out", predictions);
        } finally {
            AtomicFiles.deleteFolder(folder);
        }
    }

    /** Prints nothing and ignores failures: a class that is not listed is loaded from its jar. */
    private static void run(String... arguments) {
        CommandLine root = Subcommands.addFor(new CommandLine(new PreceptorCommand()), arguments);
        Main.run(Main.configured(root, Writer.nullWriter(), Writer.nullWriter()), arguments);
    }

    private static void writeModel(Path file) {
        NetworkSpec spec = new NetworkSpec("unet", 1, 3, Map.of("widths", List.of(WIDTH, 2 * WIDTH)));
        ModelDescription description = new ModelDescription(
                spec,
                List.of(Sequence.T1CE),
                TargetEncoding.REGIONS,
                LabelSpace.BRATS_2018,
                new Preprocessing(
                        "LPS",
                        0,
                        Preprocessing.Normalisation.ZSCORE_NONZERO,
                        Preprocessing.CropMode.BRAIN,
                        List.of(),
                        List.of(),
                        1,
                        List.of()),
                Size.cube(16),
                0.5,
                Map.of(),
                Scores.NONE);
        try (Network network = Networks.build(spec, 0)) {
            ModelFile.of(description, network.parameters()).write(file);
        }
    }
}
