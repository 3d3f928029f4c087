package dev.preceptor.cli;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;

/** The entry point: runs one command and exits with 0 (done), 1 (failed) or 2 (wrong usage). */
public final class Main {
    /** The property for the format of log lines: warnings of the library look like those of the commands. */
    private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";

    private Main() {}

    public static void main(String[] arguments) {
        if (System.getProperty(LOG_FORMAT) == null) {
            System.setProperty(LOG_FORMAT, "preceptor: %4$s: %5$s%n");
        }
        CommandLine root = new CommandLine(new PreceptorCommand());
        CommandLine commandLine =
                configured(Subcommands.addFor(root, arguments), writer(FileDescriptor.out), writer(FileDescriptor.err));
        System.exit(run(commandLine, arguments));
    }

    /** The command line with every command. */
    static CommandLine commandLine(Writer out, Writer err) {
        return configured(Subcommands.addAll(new CommandLine(new PreceptorCommand())), out, err);
    }

    /** Errors are one line, help has a fixed width and no colours. */
    static CommandLine configured(CommandLine commandLine, Writer out, Writer err) {
        ErrorLines errors = new ErrorLines();
        return commandLine
                .setOut(Screen.over(out))
                .setErr(Screen.over(err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100);
    }

    /** Runs a command and returns its exit code. Any exception, and output that cannot be written, is a failure. */
    static int run(CommandLine commandLine, String... arguments) {
        int code = execute(commandLine, arguments);
        Optional<IOException> lost = Screen.over(commandLine.getOut()).failure();
        lost.ifPresent(e -> ErrorLines.print(
                commandLine,
                new PreceptorException(
                        "standard output cannot be written: " + Reason.of(e) + "; some of the output is lost", e)));
        commandLine.getErr().flush();
        return code == 0 && lost.isPresent() ? CommandLine.ExitCode.SOFTWARE : code;
    }

    private static int execute(CommandLine commandLine, String... arguments) {
        try {
            return commandLine.execute(arguments);
        } catch (OutOfMemoryError | LinkageError | StackOverflowError e) {
            return ErrorLines.print(commandLine, e);
        }
    }

    private static Writer writer(FileDescriptor stream) {
        return new BufferedWriter(new OutputStreamWriter(new FileOutputStream(stream), StandardCharsets.UTF_8));
    }
}
