package dev.preceptor.testing;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a program in a JVM of its own, with the Java and the class path of the test. */
public final class JavaProcess {
    private JavaProcess() {}

    /**
     * @param options options of the JVM, for example {@code -Xmx1g}
     * @param main a class with a {@code main} method
     * @param arguments the arguments of the program
     */
    public static ProcessBuilder builder(List<String> options, Class<?> main, List<String> arguments) {
        return new ProcessBuilder(command(options, main.getName(), arguments));
    }

    /** The same without options of the JVM; arguments are converted to text. */
    public static ProcessBuilder builder(Class<?> main, Object... arguments) {
        List<String> texts = new ArrayList<>();
        for (Object argument : arguments) {
            texts.add(argument.toString());
        }
        return builder(List.of(), main, texts);
    }

    /** The command line, for callers that extend it. */
    public static List<String> command(List<String> options, String main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Without them newer Javas print warnings about JavaCPP; the launcher passes the same options.
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        if (Runtime.version().feature() >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        // When a method is optimised: the same as in this JVM.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:Tier"))
                .forEach(command::add);
        command.addAll(options);
        // A class path among the options takes precedence.
        if (!options.contains("-cp")) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        }
        command.add(main);
        command.addAll(arguments);
        return command;
    }
}
