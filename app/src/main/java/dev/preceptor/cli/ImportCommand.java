package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.WeightImport;
import dev.preceptor.model.WeightNames;
import dev.preceptor.tensor.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code preceptor import}: makes a model from the weights of another program. */
@Command(
        name = "import",
        description = "Make a model from weights that PyTorch trained, given a model of the same network.",
        sortOptions = false)
final class ImportCommand implements Callable<Integer> {
    @Option(
            names = "--weights",
            required = true,
            paramLabel = "FILE",
            description = "A safetensors file with the state_dict of a PyTorch module.")
    private Path weights;

    @Option(
            names = "--like",
            required = true,
            paramLabel = "MODEL",
            description = "A model whose network, inputs, labels, preprocessing and tiles the new one has.")
    private Path like;

    @Option(
            names = "--names",
            paramLabel = "FILE",
            description =
                    "A JSON object from Preceptor's names of weights to those of the file; * stands for the same text on"
                            + " both sides (default: the names are equal).")
    private Optional<Path> names;

    @Option(
            names = "--ignore",
            paramLabel = "NAME",
            split = ",",
            description = "Arrays of the file that are not weights of the network; * stands for any text.")
    private List<String> ignored = List.of();

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The new model; must not exist.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (Files.exists(out)) {
            throw new PreceptorException(out + ": exists; give --out another name");
        }
        AtomicFiles.requireFile(out);
        Torch.open();
        WeightImport result = WeightImport.of(
                ModelFile.read(like), weights, names.map(WeightNames::read).orElse(WeightNames.SAME), ignored);
        result.model().write(out);
        if (result.converted() > 0) {
            spec.commandLine()
                    .getErr()
                    .println("preceptor: " + result.converted() + " arrays were converted to float32");
            spec.commandLine().getErr().flush();
        }
        spec.commandLine().getOut().println(out);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
