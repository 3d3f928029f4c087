package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.model.LoadedModel;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.OnnxModel;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Sequence;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor export}: writes a model for other runtimes. */
@Command(
        name = "export",
        description =
                "Write a model for runtimes other than libtorch: the network as a graph, and what a caller must know of"
                        + " preprocessing, tiles and labels as its metadata.",
        sortOptions = false)
final class ExportCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "FILE", description = "A model file.")
    private Path model;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE.onnx",
            description = "The file to write; one that exists is replaced.")
    private Path out;

    @Option(
            names = "--format",
            paramLabel = "onnx",
            description = "The format: onnx, the Open Neural Network Exchange format, operator set 17 (default: onnx).")
    private Format format = Format.ONNX;

    @Option(
            names = "--sequences",
            split = ",",
            paramLabel = "NAME",
            description =
                    "The sequences that subjects have, separated by commas, for a model that takes any subset of its"
                            + " sequences; the graph has no input for others (default: all of the model's).")
    private List<String> sequences = List.of();

    @Spec
    private CommandSpec spec;

    /** What a model is exported to. */
    private enum Format {
        ONNX;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() {
        List<Sequence> chosen = sequences.stream().map(this::sequence).toList();
        if (!out.toString().toLowerCase(Locale.ROOT).endsWith("." + format)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--out must end in ." + format + " for the format " + format + ", not be " + out);
        }
        AtomicFiles.requireFile(out);
        try (LoadedModel loaded = ModelFile.load(model, Torch.device("cpu"))) {
            OnnxModel exported = exported(loaded, chosen);
            PrintWriter results = spec.commandLine().getOut();
            results.println(out + ": from " + Sequence.names(exported.sequences()));
            if (chosen.isEmpty() && exported.takesAnySubset()) {
                results.println(
                        "every subject needs all of them; for those that lack some, export again with --sequences");
            }
            results.flush();
        }
        return 0;
    }

    private OnnxModel exported(LoadedModel loaded, List<Sequence> chosen) {
        try {
            OnnxModel exported = chosen.isEmpty() ? OnnxModel.of(loaded) : OnnxModel.of(loaded, chosen);
            exported.write(out);
            return exported;
        } catch (PreceptorException e) {
            throw new PreceptorException(model + ": " + e.getMessage(), e);
        }
    }

    private Sequence sequence(String name) {
        try {
            return Sequence.of(name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--sequences has \"" + name + "\", which names no sequence");
        }
    }
}
