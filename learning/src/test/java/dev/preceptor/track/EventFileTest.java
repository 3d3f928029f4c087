package dev.preceptor.track;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The expected bytes were written by TensorBoard 2.21.0. */
class EventFileTest {
    private static final String VERSION =
            "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c";
    private static final String START = "0f000000000000006d532b0909000000000000f83f10033a020801ec8612fc";
    private static final String SCALAR = "2400000000000000422b804d09000000000000f83f10ac022a160a140a0d"
            + "747261696e696e672f6c6f7373150000803e635d64f9";

    @TempDir
    private Path folder;

    @Test
    void aRecordIsFramedWithMaskedChecksums() {
        assertEquals(
                "0300000000000000b099490e6162636e57f121",
                HexFormat.of().formatHex(EventFile.frame("abc".getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void eventsHaveTheBytesOfTensorBoard() throws IOException {
        EventFile file = new EventFile(folder.resolve("a/b/events"));
        file.begin(1.5, 3);
        file.scalars(1.5, 300, Map.of("training/loss", 0.25));
        assertArrayEquals(HexFormat.of().parseHex(VERSION + START + SCALAR), Files.readAllBytes(file.path()));
    }
}
