package dev.preceptor.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.base.InvalidFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsReaderTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("metrics.jsonl");
    }

    @Test
    void aFileThatDoesNotExistYetHasNoRecords() {
        assertEquals(List.of(), new MetricsReader(file).read(10));
    }

    @Test
    void aRecordHasEveryValueOfItsLine() throws IOException {
        append("{\"role\":\"student\",\"epoch\":3,\"learning_rate\":0.001,\"seconds\":2.5,\"steps_per_second\":4,"
                + "\"training\":{\"loss\":0.25},\"validation\":{\"dice_WT\":\"NaN\",\"loss\":\"-Infinity\"}}\n");
        assertEquals(
                List.of(new EpochRecord(
                        "student",
                        3,
                        0.001,
                        2.5,
                        10,
                        Map.of("loss", 0.25),
                        Map.of("dice_WT", Double.NaN, "loss", Double.NEGATIVE_INFINITY))),
                new MetricsReader(file).read(10));
    }

    @Test
    void everyLineIsReadOnceHoweverItsBytesArrive() throws IOException {
        for (int seed = 1; seed <= 30; seed++) {
            Files.deleteIfExists(file);
            Random random = new Random(seed);
            MetricsReader reader = new MetricsReader(file);
            List<Integer> found = new ArrayList<>();
            StringBuilder all = new StringBuilder();
            for (int epoch = 1; epoch <= 20; epoch++) {
                all.append(line("student", epoch));
            }
            byte[] bytes = all.toString().getBytes(StandardCharsets.UTF_8);
            for (int begin = 0; begin < bytes.length; ) {
                int end = Math.min(bytes.length, begin + 1 + random.nextInt(150));
                append(new String(bytes, begin, end - begin, StandardCharsets.UTF_8));
                begin = end;
                reader.read(1 + random.nextInt(3)).forEach(record -> found.add(record.epoch()));
            }
            reader.read(100).forEach(record -> found.add(record.epoch()));
            List<Integer> expected = new ArrayList<>();
            for (int epoch = 1; epoch <= 20; epoch++) {
                expected.add(epoch);
            }
            assertEquals(expected, found, "seed " + seed);
            assertEquals(20, reader.lines(), "seed " + seed);
        }
    }

    @Test
    void aReaderStartsAfterTheGivenLinesOrAtTheEndOfAShorterFile() throws IOException {
        append(line("student", 1) + line("student", 2) + "{\"role\":\"stu");
        assertEquals(2, MetricsReader.after(file, 1).read(10).get(0).epoch());
        MetricsReader atEnd = MetricsReader.after(file, 9);
        assertEquals(2, atEnd.lines());
        assertEquals(List.of(), atEnd.read(10));
    }

    @Test
    void aDamagedLineIsNamedAndNotSkipped() throws IOException {
        append(line("student", 1) + "{}\n" + line("student", 3));
        MetricsReader reader = new MetricsReader(file);
        assertEquals(1, reader.read(10).size());
        for (int i = 0; i < 2; i++) {
            InvalidFileException e = assertThrows(InvalidFileException.class, () -> reader.read(10));
            assertEquals(file + ": line 2 is not a record of an epoch: it has no role and epoch", e.getMessage());
        }
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    static String line(String role, int epoch) {
        return "{\"role\":\"" + role + "\",\"epoch\":" + epoch + ",\"learning_rate\":0.001,\"seconds\":2,"
                + "\"training\":{\"loss\":" + 1.0 / epoch + "},\"validation\":{\"loss\":0.75,\"dice_WT\":0.5}}\n";
    }
}
