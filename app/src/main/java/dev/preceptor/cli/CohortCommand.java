package dev.preceptor.cli;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code preceptor cohort}: what is in a folder of subjects, and what is wrong with it. */
@Command(
        name = "cohort",
        description =
                "Find the subjects in a folder, check them and describe them. Exits with 1 if a subject is unusable.")
final class CohortCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "BraTS folders of any year, BIDS, MSD Task01 or nnU-Net raw.")
    private Path folder;

    @Option(names = "--json", paramLabel = "FILE", description = "Write everything as JSON too; - for standard output.")
    private Optional<String> json;

    @Mixin
    private SchemaOption labels;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CohortSummary summary = CohortSummary.of(Cohort.open(folder, labels.schema()));
        if (json.equals(Optional.of("-"))) {
            spec.commandLine().getOut().print(summary.toJson());
        } else {
            spec.commandLine().getOut().print(summary.toText());
            json.ifPresent(file -> summary.writeJson(Path.of(file)));
        }
        spec.commandLine().getOut().flush();
        if (summary.hasUnusable()) {
            long count = summary.problems().stream()
                    .filter(p -> p.unusable())
                    .map(p -> p.subject())
                    .distinct()
                    .count();
            spec.commandLine()
                    .getErr()
                    .println("preceptor: error: " + folder + ": " + count
                            + (count == 1 ? " subject is" : " subjects are")
                            + " unusable; the lines that begin with error say why");
            return 1;
        }
        return 0;
    }
}
