package dev.preceptor.cli;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.phantom.PhantomVariant;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor phantom}: writes a synthetic cohort. */
@Command(
        name = "phantom",
        description = "Make a cohort of synthetic patients in the layout of BraTS 2021.",
        sortOptions = false)
final class PhantomCommand implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "An empty or new folder.")
    private Path out;

    @Option(names = "--subjects", paramLabel = "N", description = "Number of subjects (default 12).")
    private Optional<Integer> subjects;

    @Option(
            names = "--size",
            paramLabel = "N",
            description = "Voxels along x and y (default 96; 240 is the grid of BraTS).")
    private Optional<Integer> size;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Random seed; the same seed gives the same bytes (default 1).")
    private Optional<Long> seed;

    @Option(
            names = "--first",
            paramLabel = "N",
            description =
                    "Index of the first subject; with another index the same seed gives new subjects (default 0).")
    private Optional<Integer> first;

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "How different the subjects are: various, as patients are (default), or uniform.")
    private Optional<PhantomVariant> variant;

    @Option(
            names = "--anatomy",
            paramLabel = "FILE",
            description = "A NIfTI map of tissue classes (1 CSF, 2 grey, 3 white matter) such as SRI24's, in place of"
                    + " procedural brains.")
    private Optional<Path> anatomy;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PhantomRecipe recipe = recipe();
        try (ProgressBar bar = ProgressBar.on(spec.commandLine().getErr())) {
            bar.start("phantom", "subject", 0, recipe.subjects());
            PhantomCohort.write(
                    recipe, out, Runtime.getRuntime().availableProcessors(), (id, done, total) -> bar.update(done, id));
        }
        spec.commandLine()
                .getOut()
                .println(recipe.subjects() + " subjects in " + out + ", their true labels in "
                        + out.resolve(PhantomCohort.CLEAN));
        return 0;
    }

    private PhantomRecipe recipe() {
        try {
            PhantomRecipe recipe = PhantomRecipe.defaults();
            recipe = subjects.map(recipe::withSubjects).orElse(recipe);
            recipe = size.map(recipe::withSize).orElse(recipe);
            recipe = seed.map(recipe::withSeed).orElse(recipe);
            recipe = first.map(recipe::withFirstIndex).orElse(recipe);
            recipe = variant.map(recipe::withVariant).orElse(recipe);
            return anatomy.map(recipe::withAnatomy).orElse(recipe);
        } catch (InvalidRecipeException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
