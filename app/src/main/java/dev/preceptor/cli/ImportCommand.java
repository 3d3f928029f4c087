package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.WeightImport;
import dev.preceptor.model.WeightNames;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.UntrainedModel;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code preceptor import}: makes a model from the weights of another program. */
@Command(
        name = "import",
        description = "Make a model from weights that PyTorch trained, given a model or a recipe of the same network.",
        sortOptions = false)
final class ImportCommand implements Callable<Integer> {
    @Option(
            names = "--weights",
            required = true,
            paramLabel = "FILE",
            description = "A safetensors file with the state_dict of a PyTorch module.")
    private Path weights;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Pattern pattern;

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

    @Mixin
    private SchemaOption schema;

    @Spec
    private CommandSpec spec;

    /** What describes the network: a model or a recipe. */
    private static final class Pattern {
        @Option(
                names = "--like",
                required = true,
                paramLabel = "MODEL",
                description = "A model whose network, inputs, labels, preprocessing and tiles the new one has.")
        private Path like;

        @Option(
                names = "--recipe",
                required = true,
                paramLabel = "FILE|NAME",
                description =
                        "A recipe whose student the new model is, with its network, inputs, preprocessing and tiles; --schema or"
                                + " --labels says what it segments.")
        private String recipe;
    }

    @Override
    public Integer call() {
        if (Files.exists(out)) {
            throw new PreceptorException(out + ": exists; give --out another name");
        }
        AtomicFiles.requireFile(out);
        Torch.open();
        WeightImport result = WeightImport.of(
                described(), weights, names.map(WeightNames::read).orElse(WeightNames.SAME), ignored);
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

    /** A model of the network, whose weights are replaced. */
    private ModelFile described() {
        Optional<LabelSpace> labels = schema.schema();
        if (pattern.like != null) {
            if (labels.isPresent()) {
                throw new PreceptorException(
                        pattern.like + ": the model says what its labels are; leave out --schema and --labels");
            }
            return ModelFile.read(pattern.like);
        }
        Recipe recipe = Recipe.load(pattern.recipe, List.of());
        if (labels.isEmpty()) {
            throw new PreceptorException("recipe " + pattern.recipe
                    + ": does not say what the network segments; give --schema NAME or --labels FILE");
        }
        try {
            return UntrainedModel.of(recipe, labels.get());
        } catch (InvalidRecipeException e) {
            throw new InvalidRecipeException("recipe " + pattern.recipe + ": " + e.getMessage(), e);
        }
    }
}
