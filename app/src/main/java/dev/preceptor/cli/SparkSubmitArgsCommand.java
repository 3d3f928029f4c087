package dev.preceptor.cli;

import dev.preceptor.spark.SparkSubmit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code preceptor spark-submit-args}: prints the call of spark-submit that a command with {@code --spark} makes. */
@Command(
        name = "spark-submit-args",
        description =
                "Print the spark-submit call of a command on a Spark cluster, for those who start it their own way.",
        sortOptions = false)
final class SparkSubmitArgsCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "COMMAND",
            description =
                    "study, predict, cohort, evaluate or train, followed by its options and the URL of the cluster.")
    private String command;

    @Unmatched
    private List<String> options = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<String> typed = new ArrayList<>(List.of(command));
        typed.addAll(options);
        CommandLine commandLine = spec.commandLine();
        CommandLine parser = Main.commandLine(commandLine.getOut(), commandLine.getErr());
        CommandLine.ParseResult parsed = parser.parseArgs(typed.toArray(String[]::new));
        Optional<SparkSubmit> call = Optional.ofNullable(parsed.subcommand())
                .map(found -> found.commandSpec().userObject())
                .filter(SparkOptions.Command.class::isInstance)
                .flatMap(found -> ((SparkOptions.Command) found).submission());
        commandLine
                .getOut()
                .println(call.orElseThrow(() -> new ParameterException(
                                commandLine,
                                "give study, predict, cohort, evaluate or train with its options and --spark URL"))
                        .shellLine());
        commandLine.getOut().flush();
        return 0;
    }
}
