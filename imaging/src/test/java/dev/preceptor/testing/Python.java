package dev.preceptor.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Python as an oracle: the interpreter in the system property {@code preceptor.python}, {@code python3} where it is empty.
 *
 * @param program its path or name
 */
public record Python(String program) {
    /**
     * The interpreter, where it can import these modules; the calling test is skipped, and says so, where it cannot.
     *
     * @param modules names as in an import statement, for example {@code nibabel}
     */
    public static Python with(String... modules) {
        return withProperty("preceptor.python", modules);
    }

    /** As {@link #with(String...)}, by the interpreter that another system property names. */
    public static Python withProperty(String property, String... modules) {
        String program = System.getProperty(property, "");
        Python python = new Python(program.isEmpty() ? "python3" : program);
        String names = String.join(", ", modules);
        assumeTrue(
                python.imports(names),
                python.program + " cannot import " + names + "; name a Python that can with -D" + property + "=...");
        return python;
    }

    private boolean imports(String modules) {
        try {
            return new ProcessBuilder(program, "-c", "import " + modules)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Runs Python to its end, which must be a success, and returns what it printed.
     *
     * @param arguments {@code -c} and a script, or a file, and the arguments of the script
     */
    public String run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        Path errors = null;
        try {
            errors = Files.createTempFile("python", ".err");
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), Files.readString(errors));
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            if (errors != null) {
                errors.toFile().delete();
            }
        }
    }
}
