package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeParserTest {
    @TempDir
    private Path folder;

    private String refusal(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), json);
        String message = assertThrows(InvalidFileException.class, () -> JsonFiles.read(file))
                .getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        assertEquals(1, message.lines().count(), message);
        return message.substring((file + ": ").length());
    }

    @Test
    void aRepeatedKeyIsRefusedWithBothLines() throws IOException {
        assertEquals(
                "'a' is there twice (lines 2 and 4); keep one of them",
                refusal("{\n  \"a\": 1,\n  \"b\": 2,\n  \"a\": 3}"));
        assertEquals("'a' is there twice (line 1, columns 2 and 9); keep one of them", refusal("{\"a\": 1,\"a\": 3}"));
        assertEquals(
                "'c' is there twice (lines 2 and 3); keep one of them",
                refusal("{\"a\": [{\"c\": 1}, {\n\"c\": 2,\n\"c\": 2}]}"));
    }

    @Test
    void theSameKeyMayOccurInDifferentBlocks() throws IOException {
        Path file = Files.writeString(
                folder.resolve("a.json"), "{\"a\": {\"a\": [{\"a\": 1}, {\"a\": 2}]}, \"b\": {\"a\": 3}}");
        assertEquals(3, JsonFiles.read(file).path("b").path("a").intValue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": tx} | is not valid JSON at line 1",
                "[1] 2 | is not valid JSON",
                "{\"a\" | is not valid JSON"
            })
    void invalidJsonIsRefusedWithItsLine(String json, String expected) throws IOException {
        assertTrue(refusal(json).startsWith(expected), refusal(json));
    }

    @Test
    void nestingThatIsTooDeepIsNamed() throws IOException {
        assertTrue(
                refusal("[".repeat(100_000)).startsWith("exceeds the limits for JSON: blocks are nested too deeply"));
    }

    @Test
    void aByteOrderMarkIsNotPartOfTheText() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "\uFEFF{\"a\": 1}");
        assertEquals(1, JsonFiles.read(file).path("a").intValue());
    }

    @Test
    void aByteThatIsNotUtf8IsRefusedWithItsLine() throws IOException {
        Path file = Files.write(folder.resolve("a.json"), new byte[] {'{', '\n', '"', (byte) 0xE9, '"', '}'});
        String message = assertThrows(InvalidFileException.class, () -> JsonFiles.read(file))
                .getMessage();
        assertEquals(file + ": is not UTF-8 text: line 2 holds the byte 0xe9; save it as UTF-8", message);
    }

    @Test
    void aFileAboveTheLimitIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "a".repeat(2049));
        assertEquals(2049, TextFile.read(file, 3 << 10).length());
        String message = assertThrows(InvalidFileException.class, () -> TextFile.read(file, 2 << 10))
                .getMessage();
        assertTrue(message.contains("is larger than 2 KiB"), message);
    }

    @Test
    void aMessageIsOneLineWhateverTextItQuotes() {
        assertEquals(
                "not \"a\\u000ab\\u001b[31m\\u202e\"",
                new PreceptorException("not \"a\nb\u001b[31m\u202e\"").getMessage());
        String message = new PreceptorException("x".repeat(1 << 20) + "; do this").getMessage();
        assertTrue(message.length() < 3000 && message.endsWith("; do this"), message);
    }
}
