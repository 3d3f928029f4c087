package dev.preceptor.cli;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Prints every failure as one line, {@code preceptor: error: ...}, on standard error, followed by the stack trace only with
 * {@code --debug}.
 */
final class ErrorLines implements IExecutionExceptionHandler, IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        List<String> suggestions =
                e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.<String>of();
        String hint = suggestions.isEmpty() ? "" : "; did you mean " + String.join(" or ", suggestions) + "?";
        command.getErr()
                .println("preceptor: error: " + ErrorLine.printable(usage(e)) + hint + " (see "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        command.getErr().flush();
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return print(command, e);
    }

    /** picocli's message without the names of Java types. */
    private static String usage(ParameterException e) {
        return e.getMessage()
                .strip()
                .replaceFirst(" \\([a-z.]+[A-Za-z]*Exception: (.*)\\)$", ": $1")
                .replaceFirst("is not an? (int|long)$", "is not a whole number")
                .replaceFirst("is not a (double|float)$", "is not a number");
    }

    /** Prints a failure and returns its exit code. */
    static int print(CommandLine command, Throwable e) {
        command.getErr().println("preceptor: error: " + describe(e));
        CommandLine root = command;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        if (root.getCommand() instanceof PreceptorCommand preceptor && preceptor.debug()) {
            e.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return ExitCode.SOFTWARE;
    }

    private static String describe(Throwable e) {
        boolean expected = e instanceof PreceptorException || e instanceof OutOfMemoryError || e instanceof IOException;
        return ErrorLine.of(e) + (expected ? "" : "; run with --debug for the stack trace");
    }
}
