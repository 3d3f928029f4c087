package dev.preceptor.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a program in a JVM of its own: the Java and the class path of this test. */
public final class JavaProcess {
    private JavaProcess() {}

    /**
     * @param options of the JVM, for example {@code -Xmx1g}
     * @param main class with a {@code main} method
     * @param arguments of the program
     */
    public static ProcessBuilder builder(List<String> options, Class<?> main, List<String> arguments) {
        return new ProcessBuilder(command(options, main.getName(), arguments));
    }

    /** Without options. */
    public static ProcessBuilder builder(Class<?> main, Object... arguments) {
        List<String> texts = new ArrayList<>();
        for (Object argument : arguments) {
            texts.add(argument.toString());
        }
        return builder(List.of(), main, texts);
    }

    /** The command line itself, for a caller that puts something before it. */
    public static List<String> command(List<String> options, String main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        // An option that sets a class path of its own keeps it.
        if (!options.contains("-cp")) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        }
        command.add(main);
        command.addAll(arguments);
        return command;
    }
}
