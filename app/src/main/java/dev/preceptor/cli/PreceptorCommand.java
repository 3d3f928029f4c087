package dev.preceptor.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command above the commands. */
@Command(
        name = "preceptor",
        description = "Teaches a one-sequence brain tumour segmentation model with multi-sequence MRI.",
        subcommands = {
            DemoCommand.class,
            PhantomCommand.class,
            CohortCommand.class,
            TrainCommand.class,
            PredictCommand.class,
            EvaluateCommand.class,
            StudyCommand.class,
            InspectCommand.class,
            DoctorCommand.class
        },
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        footer = {"", "Exit codes: 0 done, 1 failed (one line on standard error says why), 2 wrong usage."})
final class PreceptorCommand implements Callable<Integer> {
    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Print the whole trace of an error, not its one line alone.")
    private boolean debug;

    @Spec
    private CommandSpec spec;

    boolean debug() {
        return debug;
    }

    @Override
    public Integer call() {
        CommandLine commandLine = spec.commandLine();
        commandLine.usage(commandLine.getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
