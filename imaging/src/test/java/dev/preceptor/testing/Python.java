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
 * A Python interpreter that computes expected results: the one in the system property {@code preceptor.python}, or
 * {@code python3} if the property is empty.
 *
 * @param program the path or name of the interpreter
 */
public record Python(String program) {
    /**
     * The interpreter, if it can import the given modules; otherwise the calling test is skipped with a message.
     *
     * @param modules names as in an import statement, for example {@code nibabel}
     */
    public static Python with(String... modules) {
        return withProperty("preceptor.python", modules);
    }

    /** The same with the interpreter in another system property. */
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
     * Runs Python, requires exit code 0, and returns its standard output.
     *
     * @param arguments {@code -c} and a script, or a file, followed by the arguments of the script
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
