package dev.preceptor.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.tensor.ArrayData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointsTest {
    private static final List<String> FILES =
            List.of("weights.safetensors", "optimizer.safetensors", "state.json", "SHA256SUMS");

    /** Written once, since each write waits for the disk, and copied for each test. */
    @TempDir
    private static Path written;

    @TempDir
    private Path folder;

    private Checkpoints checkpoints;

    @BeforeAll
    static void writeTwo() {
        new Checkpoints(written).write(checkpoint(3));
        new Checkpoints(written).write(checkpoint(6));
    }

    @BeforeEach
    void copyBoth() throws IOException {
        checkpoints = new Checkpoints(folder.resolve("checkpoints"));
        for (long updates : new long[] {3, 6}) {
            Path copy = Files.createDirectories(checkpoints.of(updates));
            for (String file : FILES) {
                Files.copy(new Checkpoints(written).of(updates).resolve(file), copy.resolve(file));
            }
        }
    }

    /** A kind of damage and the damaged file; an operator that returns null removes the file. */
    record Damage(String what, String file, UnaryOperator<byte[]> how) {
        @Override
        public String toString() {
            return file + " " + what;
        }
    }

    static Stream<Damage> damages() {
        SplittableRandom random = new SplittableRandom(5);
        return FILES.stream().flatMap(file -> {
            List<Damage> damages = new ArrayList<>(List.of(
                    new Damage("missing", file, bytes -> null),
                    new Damage("empty", file, bytes -> new byte[0]),
                    new Damage("cut in half", file, bytes -> Arrays.copyOf(bytes, bytes.length / 2)),
                    new Damage("without its last byte", file, bytes -> Arrays.copyOf(bytes, bytes.length - 1)),
                    new Damage("with a byte too many", file, bytes -> Arrays.copyOf(bytes, bytes.length + 1)),
                    new Damage("zeroed", file, bytes -> new byte[bytes.length])));
            for (int i = 0; i < 20; i++) {
                double place = random.nextDouble();
                int bit = random.nextInt(8);
                damages.add(new Damage("with bit " + bit + " flipped at " + place, file, bytes -> {
                    bytes[(int) (place * bytes.length)] ^= (byte) (1 << bit);
                    return bytes;
                }));
            }
            return damages.stream();
        });
    }

    @ParameterizedTest
    @MethodSource("damages")
    void aDamagedCheckpointIsSkippedForTheOneBefore(Damage damage) throws IOException {
        damage(checkpoints.of(6), damage);
        List<String> notices = new ArrayList<>();
        assertEquals(3, checkpoints.newest(notices::add).orElseThrow().state().updates());
        assertEquals(1, notices.size());
        assertTrue(notices.get(0).contains(checkpoints.of(6) + " is damaged and skipped: "), notices.get(0));
        assertTrue(notices.get(0).contains(damage.file) || damage.file.equals("SHA256SUMS"), notices.get(0));
    }

    @ParameterizedTest
    @MethodSource("damages")
    void theRunIsRefusedIfAllCheckpointsAreDamaged(Damage damage) throws IOException {
        damage(checkpoints.of(6), damage);
        damage(checkpoints.of(3), damage);
        PreceptorException refused = assertThrows(PreceptorException.class, () -> checkpoints.newest(notice -> {}));
        assertTrue(refused.getMessage().contains("all checkpoints are damaged"), refused.getMessage());
    }

    @Test
    void theNewestIntactCheckpointIsRead() {
        assertEquals(
                6,
                checkpoints
                        .newest(notice -> {
                            throw new AssertionError(notice);
                        })
                        .orElseThrow()
                        .state()
                        .updates());
    }

    @Test
    void theNewestTwoAreRetained() {
        checkpoints.write(checkpoint(9));
        assertEquals(List.of("000006", "000009"), names());
    }

    @Test
    void aDamagedCheckpointIsRemovedByTheFirstWriteOfTheResumedRun() throws IOException {
        damage(checkpoints.of(6), new Damage("", "state.json", bytes -> new byte[0]));
        checkpoints.write(checkpoint(4));
        assertEquals(List.of("000003", "000004"), names());
    }

    @Test
    void aCheckpointOfTheSameStepIsReplaced() {
        Map<String, ArrayData> other = Map.of("student/w", numbers(9));
        checkpoints.write(new Checkpoints.Checkpoint(RunState.beginning(1, 6, 2, Map.of()), other, Map.of()));
        Checkpoints.Checkpoint found = checkpoints.newest(notice -> {}).orElseThrow();
        assertEquals(1, found.state().phase());
        assertEquals(numbers(9).bytes(), found.weights().get("student/w").bytes());
        assertEquals(List.of("000003", "000006"), names());
    }

    @Test
    void anIncompleteCheckpointIsRemoved() throws IOException {
        Path part = Files.createDirectories(folder.resolve("checkpoints/.000009.part"));
        Files.writeString(part.resolve("weights.safetensors"), "torn");
        assertEquals(6, checkpoints.newest(notice -> {}).orElseThrow().state().updates());
        checkpoints.clean();
        assertEquals(List.of("000003", "000006"), names());
    }

    private static Checkpoints.Checkpoint checkpoint(long updates) {
        return new Checkpoints.Checkpoint(
                RunState.beginning(0, updates, 1, Map.of("teacher", Map.of("loss", 0.5))),
                Map.of("student/w", numbers(updates)),
                Map.of("student/first/w", numbers(-updates)));
    }

    private static ArrayData numbers(long value) {
        return new ArrayData(
                ArrayData.Type.I64,
                new long[] {4},
                ByteBuffer.allocate(32)
                        .putLong(value)
                        .putLong(value)
                        .putLong(8)
                        .putLong(value)
                        .flip());
    }

    private static void damage(Path checkpoint, Damage damage) throws IOException {
        Path file = checkpoint.resolve(damage.file);
        byte[] damaged = damage.how.apply(Files.readAllBytes(file));
        if (damaged == null) {
            Files.delete(file);
        } else {
            Files.write(file, damaged);
        }
    }

    private List<String> names() {
        try (Stream<Path> all = Files.list(folder.resolve("checkpoints"))) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
