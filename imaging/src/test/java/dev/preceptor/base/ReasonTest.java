package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The messages that users read for errors reported by Java and Jackson. */
class ReasonTest {
    private static final String FOREIGN =
            ".*([a-z]+\\.[A-Z]\\w+|\\w*(Exception|Error)\\b|`|code 1|deserialize|coerce|token).*";

    enum Colour {
        RED,
        GREEN
    }

    record Inner(double rate) {}

    record Outer(int count, boolean on, Colour colour, Inner inner, List<Integer> sizes) {}

    @TempDir
    private Path folder;

    @Test
    void aWrongValueIsRefusedWithTheExpectedType() {
        assertRefused("{\"count\": \"many\"}", "count must be a whole number");
        assertRefused("{\"count\": 1.5}", "count must be a whole number");
        assertRefused("{\"count\": null}", "count must be a whole number");
        assertRefused("{\"count\": 99999999999}", "count must be a whole number within the supported range");
        assertRefused("{\"on\": \"perhaps\"}", "on must be true or false");
        assertRefused("{\"colour\": \"BLUE\"}", "colour must be one of RED, GREEN");
        assertRefused("{\"inner\": 3}", "inner must be a block of the keys rate");
        assertRefused("{\"inner\": {\"rate\": \"fast\"}}", "inner.rate must be a number");
        assertRefused("{\"sizes\": [1, \"two\"]}", "sizes.[1] must be a whole number");
        assertRefused(
                "{\"inner\": {\"rate\": 1, \"rates\": 1}}",
                "inner.rates: the key \"rates\" is unknown; known here: rate");
    }

    @Test
    void invalidJsonIsRefusedWithLineAndColumn() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "{\"a\": 1,\n  }\n");
        InvalidFileException refused = assertThrows(InvalidFileException.class, () -> JsonFiles.read(file));
        assertEquals(file + ": is not valid JSON at line 2, column 3", refused.getMessage());
        Files.write(file, new byte[] {'{', (byte) 0xff, '}'});
        refused = assertThrows(InvalidFileException.class, () -> JsonFiles.read(file));
        assertEquals(file + ": is not UTF-8 text: line 1 holds the byte 0xff; save it as UTF-8", refused.getMessage());
    }

    @Test
    void everyErrorBecomesOneLineWithoutClassNames() {
        List<Throwable> failures = List.of(
                new NoSuchFileException("x"),
                new UncheckedIOException(new IOException("java.net.SocketException: broken")),
                new IOException((String) null),
                new IllegalStateException("boom"),
                new NullPointerException(),
                new StackOverflowError(),
                new NoClassDefFoundError("org/bytedeco/Thing"),
                assertThrows(RuntimeException.class, () -> Settings.JSON.readTree("{\"a\": }")));
        for (Throwable failure : failures) {
            String line = ErrorLine.of(failure);
            assertFalse(line.matches(FOREIGN), line);
            assertEquals(1, line.lines().count(), line);
        }
        assertEquals(
                "the native library failed: CUDA out of memory.",
                ErrorLine.of(new RuntimeException("CUDA out of memory.\nTried to allocate")));
        assertEquals("a file cannot be read or written: no such file or folder", ErrorLine.of(failures.get(0)));
    }

    @Test
    void controlCharactersAreEscaped() {
        PreceptorException hostile =
                new PreceptorException("a\u001b[2Jb\nc\r\u009b\u202e\u007f\u2028 \u00e4\u65e5\t: refused");
        assertEquals(
                "a\\u001b[2Jb\\u000ac\\u000d\\u009b\\u202e\\u007f\\u2028 \u00e4\u65e5\\u0009: refused",
                ErrorLine.of(hostile));
        assertEquals("a\nb\t\\u001b", ErrorLine.printable("a\nb\t\u001b", "\n\t"));
    }

    private static void assertRefused(String json, String message) {
        InvalidRecipeException refused = assertThrows(
                InvalidRecipeException.class, () -> Settings.bind(Settings.JSON.readTree(json), Outer.class, ""));
        assertEquals(message, refused.getMessage());
        assertFalse(refused.getMessage().matches(FOREIGN), refused.getMessage());
    }
}
