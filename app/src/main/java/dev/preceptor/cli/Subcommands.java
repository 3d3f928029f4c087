package dev.preceptor.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands of {@code preceptor}. picocli reads all options of a command by reflection when it is added, which takes most of the
 * time in which {@code --help} answers, so that a call adds only what it needs.
 */
final class Subcommands {
    /** In the order of the help. */
    private static final List<Class<?>> ALL = List.of(
            DemoCommand.class,
            PhantomCommand.class,
            CohortCommand.class,
            TrainCommand.class,
            PredictCommand.class,
            ExportCommand.class,
            EvaluateCommand.class,
            StudyCommand.class,
            MethodsCommand.class,
            InspectCommand.class,
            PacsCommand.class,
            ServeCommand.class,
            ViewCommand.class,
            SignCommand.class,
            VerifyCommand.class,
            ImportCommand.class,
            SparkSubmitArgsCommand.class,
            DoctorCommand.class);

    private Subcommands() {}

    /** Adds every command with its options. */
    static CommandLine addAll(CommandLine root) {
        ALL.forEach(command -> root.addSubcommand(new CommandLine(command)));
        return root;
    }

    /**
     * Adds what a call needs, with the same result as {@link #addAll}: the command that its first argument names, or for the
     * general help the names and descriptions of all.
     */
    static CommandLine addFor(CommandLine root, String... arguments) {
        String first = arguments.length == 0 ? "" : arguments[0];
        for (Class<?> command : ALL) {
            if (description(command).name().equals(first)) {
                return root.addSubcommand(new CommandLine(command));
            }
        }
        if (arguments.length == 1 && List.of("--version", "-V").contains(first)) {
            return root;
        }
        if (arguments.length == 0
                || (arguments.length == 1 && List.of("--help", "-h").contains(first))) {
            ALL.forEach(command ->
                    root.getCommandSpec().addSubcommand(description(command).name(), named(command)));
            return root;
        }
        return addAll(root);
    }

    private static Command description(Class<?> command) {
        return command.getAnnotation(Command.class);
    }

    private static CommandLine named(Class<?> command) {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage().description(description(command).description());
        return new CommandLine(spec);
    }
}
