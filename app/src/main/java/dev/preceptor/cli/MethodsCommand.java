package dev.preceptor.cli;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.study.MethodOverview;
import dev.preceptor.tensor.Torch;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor methods}: the built-in recipes, what each needs and what a training step costs. */
@Command(
        name = "methods",
        description = {
            "List the methods by their built-in recipes: what each needs, its networks, and what a step of its training costs.",
            "The cost is measured on this machine, which takes a minute or two."
        },
        sortOptions = false)
final class MethodsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    @Option(names = "--no-cost", description = "Do not measure: leave the cost out.")
    private boolean withoutCost;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads per operation of the measured steps (default: all cores).")
    private Optional<Integer> threads = Optional.empty();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (threads.isPresent() && (withoutCost || threads.get() < 1)) {
            throw new ParameterException(
                    spec.commandLine(),
                    withoutCost
                            ? "--threads is of the measured steps; leave it or --no-cost out"
                            : "--threads must be at least 1, not " + threads.get());
        }
        Torch.useThreads(threads.orElse(0));
        MethodOverview overview = withoutCost ? MethodOverview.withoutCost() : MethodOverview.measured();
        spec.commandLine().getOut().print(json ? JsonFiles.text(overview) : overview.toText());
        spec.commandLine().getOut().flush();
        return 0;
    }
}
