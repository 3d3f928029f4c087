package dev.preceptor.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code preceptor pacs}: the commands that talk to a PACS. */
@Command(
        name = "pacs",
        description = "Find, fetch and store series in a PACS by DICOMweb.",
        subcommands = {PacsFindCommand.class, PacsFetchCommand.class, PacsStoreCommand.class})
final class PacsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine commandLine = spec.commandLine();
        commandLine.usage(commandLine.getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
