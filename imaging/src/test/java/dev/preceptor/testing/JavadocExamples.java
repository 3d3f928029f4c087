package dev.preceptor.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Checks that the examples in Javadoc are compiled and run by a test. */
public final class JavadocExamples {
    private static final Pattern EXAMPLE = Pattern.compile("<pre>\\{@code\\R(.*?)\\}</pre>", Pattern.DOTALL);

    private JavadocExamples() {}

    /**
     * Asserts that a class has an example in a {@code <pre>} block of its Javadoc, and that each line of it, without
     * comments, occurs in the source of a test.
     *
     * @param module the folder of the module with both classes, for example {@code imaging}
     * @param test a top-level test class
     * @param type a top-level class
     */
    public static void assertCompiledIn(String module, Class<?> test, Class<?> type) throws IOException {
        String compiled = source(module, "test", test);
        List<String> lines = lines(source(module, "main", type));
        assertFalse(lines.isEmpty(), type + " has no example");
        for (String line : lines) {
            assertTrue(compiled.contains(line), "an example of " + type + " is not in " + test + ": " + line);
        }
    }

    private static String source(String module, String kind, Class<?> type) throws IOException {
        return Files.readString(Path.of(System.getProperty("preceptor.root", ".."), module, "src", kind, "java")
                .resolve(type.getName().replace('.', '/') + ".java"));
    }

    private static List<String> lines(String source) {
        return EXAMPLE.matcher(source)
                .results()
                .flatMap(example -> example.group(1).lines())
                .map(line -> line.replaceFirst("^\\s*\\* ?", "")
                        .replaceFirst("(^| )//.*", "")
                        .strip())
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
