package dev.preceptor.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The top-level command; {@link Subcommands} adds the others. */
@Command(
        name = "preceptor",
        description = "Trains a brain tumour segmentation model for one MRI sequence with knowledge from several.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        footer = {
            "",
            "Exit codes: 0 done, 1 failed (one line on standard error gives the reason), 2 wrong usage, 130 or 143"
                    + " stopped by a signal."
        })
final class PreceptorCommand implements Callable<Integer> {
    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of an error after its line.")
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
