package dev.preceptor.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.run.TrainingEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardLogTest {
    /** Epochs of two roles. */
    private static final int LINES = 10;

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1500), ZoneOffset.UTC);
    private static final TrainingEvent STARTED = new TrainingEvent.PhaseStarted("student", 1, 1, 10, 10);
    private static final TrainingEvent ENDED =
            new TrainingEvent.EpochEnded("student", 1, Map.of(), Map.of(), 1e-3, 2, 20, 0.05);

    @TempDir
    private Path run;

    private final List<String> notices = new ArrayList<>();

    @Test
    void everyStartBeginsANewEventFileForEachRole() throws IOException {
        TensorBoardLog first = log(run);
        write(run, "teacher 1", "student 1", "student 2");
        first.accept(ENDED);
        write(run, "teacher 1", "student 1");
        TensorBoardLog resumed = log(run);
        resumed.accept(STARTED);
        write(run, "teacher 1", "student 1", "student 2");
        resumed.accept(ENDED);
        assertEquals(List.of("events.out.tfevents.0000000001"), names(run, "teacher"));
        assertEquals(
                List.of("events.out.tfevents.0000000001", "events.out.tfevents.0000000002"), names(run, "student"));
        assertEquals(Map.of(1, 1.0f, 2, 0.5f), points(run, "student"));
        assertEquals(List.of(), notices);
    }

    @Test
    void aRunThatIsKilledAndResumedAnywhereHasEachPointOnce(@TempDir Path folder) throws IOException {
        for (int seed = 1; seed <= 15; seed++) {
            Random random = new Random(seed);
            Path resumed = Files.createDirectory(folder.resolve("run-" + seed));
            List<String> lines = new ArrayList<>();
            for (int start = 0; start < 5; start++) {
                // The resumed training has cut the metrics to its checkpoint; the last one completes the run.
                lines.subList(random.nextInt(lines.size() + 1), lines.size()).clear();
                write(resumed, lines.toArray(String[]::new));
                train(resumed, lines, start == 4 ? LINES : Math.min(LINES, lines.size() + random.nextInt(6)), random);
            }
            for (String role : List.of("teacher", "student")) {
                Map<Integer, Float> expected = new TreeMap<>();
                for (int epoch = 1; epoch <= LINES / 2; epoch++) {
                    expected.put(epoch, 1f / epoch);
                }
                assertEquals(expected, points(resumed, role), role + ", seed " + seed);
            }
            assertEquals(List.of(), notices, "seed " + seed);
        }
    }

    /** Trains to a number of lines; a kill may come before the last positions are saved, and one may be damaged. */
    private void train(Path folder, List<String> lines, int end, Random random) throws IOException {
        Path position = folder.resolve("tensorboard/position.json");
        TensorBoardLog log = log(folder);
        log.accept(STARTED);
        int killed = lines.size() + random.nextInt(10);
        String saved = Files.exists(position) ? Files.readString(position) : "";
        while (lines.size() < end) {
            int next = lines.size() + 1;
            lines.add(next <= LINES / 2 ? "teacher " + next : "student " + (next - LINES / 2));
            write(folder, lines.toArray(String[]::new));
            if (end == LINES || random.nextInt(4) > 0) {
                log.accept(ENDED);
            }
            if (lines.size() < killed && Files.exists(position)) {
                saved = Files.readString(position);
            }
        }
        if (Files.exists(position)) {
            Files.writeString(position, random.nextInt(5) == 0 ? "{\"lin" : saved);
        }
    }

    @Test
    void pointsThatCannotBeWrittenCostOneLineAndAreWrittenLater() throws IOException {
        TensorBoardLog log = log(run);
        write(run, "student 1");
        log.accept(ENDED);
        Files.move(run.resolve("tensorboard"), run.resolve("aside"));
        Files.createFile(run.resolve("tensorboard"));
        write(run, "student 1", "student 2");
        log.accept(ENDED);
        write(run, "student 1", "student 2", "student 3");
        log.accept(ENDED);
        assertEquals(1, notices.size(), notices.toString());
        assertTrue(
                notices.get(0).endsWith("; training continues, TensorBoard gets these points later"), notices.get(0));
        Files.delete(run.resolve("tensorboard"));
        Files.move(run.resolve("aside"), run.resolve("tensorboard"));
        log.accept(ENDED);
        assertEquals(Map.of(1, 1.0f, 2, 0.5f, 3, 1 / 3f), points(run, "student"));
    }

    private TensorBoardLog log(Path folder) {
        return new TensorBoardLog(folder, CLOCK, notices::add);
    }

    private static void write(Path folder, String... lines) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(MetricsReaderTest.line(line.substring(0, 7), Integer.parseInt(line.substring(8))));
        }
        Files.writeString(folder.resolve("metrics.jsonl"), text);
    }

    private static List<String> names(Path folder, String role) throws IOException {
        Path files = folder.resolve("tensorboard").resolve(role);
        if (!Files.exists(files)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(files)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The training loss by epoch as TensorBoard shows it; no epoch may have two points. */
    private static Map<Integer, Float> points(Path folder, String role) throws IOException {
        TreeMap<Integer, Float> points = new TreeMap<>();
        for (String name : names(folder, role)) {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(
                            folder.resolve("tensorboard").resolve(role).resolve(name)))
                    .order(ByteOrder.LITTLE_ENDIAN);
            while (file.hasRemaining()) {
                byte[] event = new byte[Math.toIntExact(file.getLong())];
                file.getInt();
                file.get(event);
                file.getInt();
                Fields fields = new Fields(event);
                if (fields.bytes.containsKey(7)) {
                    points.tailMap((int) fields.step, true).clear();
                }
                if (fields.bytes.containsKey(5)) {
                    Float before = points.put((int) fields.step, fields.loss());
                    assertTrue(before == null, "two points for epoch " + fields.step + " of the " + role);
                }
            }
        }
        return points;
    }

    /** The fields of a Protocol Buffers message. */
    private static final class Fields {
        private static final byte[] TAG = "training/loss".getBytes(StandardCharsets.UTF_8);

        private final Map<Integer, List<byte[]>> bytes = new TreeMap<>();
        private float value;
        private long step;

        Fields(byte[] message) {
            ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                long key = varint(in);
                switch ((int) (key & 7)) {
                    case 0 -> step = varint(in);
                    case 1 -> in.getLong();
                    case 5 -> value = in.getFloat();
                    default -> {
                        byte[] content = new byte[(int) varint(in)];
                        in.get(content);
                        bytes.computeIfAbsent((int) (key >> 3), k -> new ArrayList<>())
                                .add(content);
                    }
                }
            }
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = in.get();
                value |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }

        float loss() {
            Fields summary = new Fields(bytes.get(5).get(0));
            return summary.bytes.get(1).stream()
                    .map(Fields::new)
                    .filter(scalar -> Arrays.equals(TAG, scalar.bytes.get(1).get(0)))
                    .findFirst()
                    .orElseThrow()
                    .value;
        }
    }
}
