package dev.preceptor.track;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.run.TrainingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes expected here were written by the record writer and the messages of TensorBoard 2.21.0. */
class EventFileTest {
    private static final String VERSION =
            "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c";
    private static final String START = "0f000000000000006d532b0909000000000000f83f10033a020801ec8612fc";
    private static final String SCALAR = "2400000000000000422b804d09000000000000f83f10ac022a160a140a0d"
            + "747261696e696e672f6c6f7373150000803e635d64f9";

    @TempDir
    private Path folder;

    @Test
    void aRecordIsFramedWithMaskedSums() {
        assertEquals(
                "0300000000000000b099490e6162636e57f121",
                HexFormat.of().formatHex(EventFile.framed("abc".getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void eventsAreThoseThatTensorBoardWrites() throws IOException {
        EventFile file = new EventFile(folder.resolve("a/b/events"));
        file.begin(1.5, 3);
        file.scalars(1.5, 300, Map.of("training/loss", 0.25));
        assertArrayEquals(HexFormat.of().parseHex(VERSION + START + SCALAR), Files.readAllBytes(file.path()));
    }

    @Test
    void everyStartOfATrainingBeginsAFileOfItsOwnForEachRole() throws IOException {
        Clock clock = Clock.fixed(Instant.ofEpochMilli(1500), ZoneOffset.UTC);
        TensorBoardLog first = new TensorBoardLog(folder, clock, notice -> {});
        first.accept(epoch("teacher", 1));
        first.accept(epoch("student", 1));
        first.accept(epoch("student", 2));
        TensorBoardLog resumed = new TensorBoardLog(folder, clock, notice -> {});
        resumed.accept(epoch("student", 2));
        assertEquals(List.of("events.out.tfevents.0000000001"), files("teacher"));
        assertEquals(List.of("events.out.tfevents.0000000001", "events.out.tfevents.0000000002"), files("student"));
        byte[] begun = Files.readAllBytes(folder.resolve("tensorboard/student/events.out.tfevents.0000000002"));
        String hex = HexFormat.of().formatHex(begun);
        assertEquals(VERSION, hex.substring(0, VERSION.length()));
        // SessionLog START at step 2: what an earlier file says of step 2 and later is void.
        assertEquals("09000000000000f83f10023a020801", hex.substring(VERSION.length() + 24, VERSION.length() + 54));
    }

    private List<String> files(String role) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("tensorboard").resolve(role))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static TrainingEvent.EpochEnded epoch(String role, int epoch) {
        return new TrainingEvent.EpochEnded(
                role, epoch, Map.of("loss", 0.5), Map.of("loss", 0.75, "dice_WT", 0.5), 1e-3, 2, 20, 0.05);
    }
}
