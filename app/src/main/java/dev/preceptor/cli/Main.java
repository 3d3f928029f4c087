package dev.preceptor.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Where the process begins: runs one command and exits with 0 done, 1 failed, 2 wrong usage. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        CommandLine commandLine =
                commandLine().setOut(writer(FileDescriptor.out)).setErr(writer(FileDescriptor.err));
        int code = run(commandLine, arguments);
        commandLine.getOut().flush();
        commandLine.getErr().flush();
        System.exit(code);
    }

    /** The commands, their errors printed as one line. */
    static CommandLine commandLine() {
        ErrorLines errors = new ErrorLines();
        return new CommandLine(new PreceptorCommand())
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100);
    }

    /** Runs a command to its exit code, whatever it throws. */
    static int run(CommandLine commandLine, String... arguments) {
        try {
            return commandLine.execute(arguments);
        } catch (OutOfMemoryError | LinkageError | StackOverflowError e) {
            return ErrorLines.print(commandLine, e);
        }
    }

    private static PrintWriter writer(FileDescriptor stream) {
        return new PrintWriter(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
    }
}
