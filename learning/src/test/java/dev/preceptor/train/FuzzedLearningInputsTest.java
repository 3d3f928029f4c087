package dev.preceptor.train;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.data.Sample;
import dev.preceptor.data.SampleFile;
import dev.preceptor.fuzz.Format;
import dev.preceptor.fuzz.Fuzzing;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.RunState;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights, models, checkpoints, preprocessed subjects and recipes that are damaged or malicious. */
@Tag("integration")
class FuzzedLearningInputsTest {
    private static final String KEY = "0123456789abcdef".repeat(4);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "model", "checkpoint", "sample", "recipe"})
    void aDamagedFileIsReadOrRefusedInOneLine(String name) throws IOException {
        Fuzzing.run(format(name), Fuzzing.FEW, 1);
    }

    @Tag("fuzz")
    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "model", "checkpoint", "sample", "recipe"})
    void aMillionDamagedFilesAreReadOrRefusedInOneLine(String name) throws IOException {
        Fuzzing.run(format(name), Fuzzing.MANY, Long.getLong("preceptor.fuzz.seed", 1_000_000_000));
    }

    private Format format(String name) throws IOException {
        Torch.open();
        return switch (name) {
            case "safetensors" -> safetensors(name);
            case "model" -> {
                Path seed = folder.resolve("seed.safetensors");
                Models.small(1).write(seed);
                yield new Format(name, "model.safetensors", List.of(Files.readAllBytes(seed)), ModelFile::read)
                        .withRepair(FuzzedLearningInputsTest::withHeaderLength);
            }
            case "checkpoint" -> checkpoint(name);
            case "sample" -> sample(name);
            case "recipe" -> {
                List<byte[]> seeds = new ArrayList<>();
                for (String builtIn : List.of("kd-net-small", "mtcm-kd", "baseline-nnunet")) {
                    seeds.add(Recipe.load(builtIn, List.of()).toYaml().getBytes(UTF_8));
                }
                seeds.add("method: baseline\nstudent: [T1CE]\nnetwork: {name: unet, widths: [16, 32, 64], skips: 2}\n"
                        .getBytes(UTF_8));
                yield new Format(name, "recipe.yaml", seeds, Recipe::read);
            }
            default -> throw new IllegalArgumentException(name);
        };
    }

    private Format safetensors(String name) throws IOException {
        Path seed = folder.resolve("seed.safetensors");
        ArrayData floats = new ArrayData(ArrayData.Type.F32, new long[] {2, 3}, ByteBuffer.allocate(24));
        ArrayData bytes = new ArrayData(ArrayData.Type.U8, new long[] {5}, ByteBuffer.allocate(5));
        new Safetensors(Map.of("format", "pt"), Map.of("w", floats, "b", bytes, "a.b.c", floats)).write(seed);
        return new Format(name, "weights.safetensors", List.of(Files.readAllBytes(seed)), file -> {
                    try (PointerScope scope = new PointerScope()) {
                        ArrayData.toTensors(Safetensors.read(file).arrays());
                    }
                })
                .withRepair(FuzzedLearningInputsTest::withHeaderLength);
    }

    /** Corrects the stored length of the header, so that a header of another length is parsed. */
    private static byte[] withHeaderLength(byte[] bytes) {
        String text = new String(bytes, ISO_8859_1);
        int end = text.lastIndexOf('}') + 1;
        while (end > 0 && end < bytes.length && bytes[end] == ' ') {
            end++;
        }
        if (end < 10) {
            return bytes;
        }
        byte[] repaired = bytes.clone();
        ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN).putLong(0, end - 8);
        return repaired;
    }

    /** Damages the state and corrects its sum; the weights beside it are intact. */
    private Format checkpoint(String name) throws IOException {
        Path all = Path.of("target", "fuzz", name);
        AtomicFiles.deleteFolder(all);
        Checkpoints checkpoints = new Checkpoints(all.toAbsolutePath());
        RunState beginning = RunState.beginning(0, 3, 1, Map.of("teacher", Map.of("dice_WT", 0.5)));
        RunState state = new RunState(
                1,
                3,
                1,
                new RunState.Epoch(1, 2, Map.of("loss", 0.5), 1.5, 0.25),
                new RunState.PlateauState(0.5, 1),
                new RunState.Best(0.5, 1, Map.of("dice_WT", 0.5)),
                new RunState.Lowest(0.5, 1),
                Map.of("student", new RunState.OptimizerState(0.001)),
                Map.of("epoch", List.of(1.0)),
                beginning.earned());
        ArrayData weights = new ArrayData(ArrayData.Type.F32, new long[] {2}, ByteBuffer.allocate(8));
        Path written = checkpoints.write(
                new Checkpoints.Checkpoint(state, Map.of("student/w", weights), Map.of("student/m", weights)));
        byte[] seed = Files.readAllBytes(written.resolve("state.json"));
        return new Format(name, written.getFileName() + "/state.json", List.of(seed), file -> {
            sum(file.getParent());
            checkpoints.newest(notice -> {
                if (notice.matches("(?i).*(jackson|java\\.|exception).*|.*\\p{Cntrl}.*")) {
                    throw new IllegalStateException(notice);
                }
            });
        });
    }

    private static void sum(Path checkpoint) {
        StringBuilder sums = new StringBuilder();
        try {
            for (String file : List.of("optimizer.safetensors", "state.json", "weights.safetensors")) {
                byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(checkpoint.resolve(file)));
                sums.append(HexFormat.of().formatHex(sum))
                        .append("  ")
                        .append(file)
                        .append('\n');
            }
            Files.writeString(checkpoint.resolve("SHA256SUMS"), sums);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Format sample(String name) throws IOException {
        Path seed = folder.resolve("seed.sample");
        Size size = new Size(3, 4, 5);
        byte[] classes = new byte[60];
        classes[7] = 1;
        classes[31] = 3;
        SampleFile.write(seed, KEY, Sample.of("a", size, List.of(new float[60], new float[60]), classes));
        return new Format(name, "a.sample", List.of(Files.readAllBytes(seed)), file -> {
                    try {
                        SampleFile.read(file, "a", KEY).ifPresent(FuzzedLearningInputsTest::readAll);
                    } catch (IOException e) {
                        throw new PreceptorException("cannot be read", e);
                    }
                })
                .withRepair(FuzzedLearningInputsTest::withSums);
    }

    private static void readAll(Sample sample) {
        sample.images().stream()
                .flatMap(Optional::stream)
                .forEach(image -> image.duplicate().get(new float[image.remaining()]));
        sample.classes().ifPresent(classes -> classes.duplicate().get(new byte[classes.remaining()]));
        sample.foreground().duplicate().get(new int[sample.foreground().remaining()]);
    }

    private static byte[] withSums(byte[] bytes) {
        if (bytes.length < 128) {
            return bytes;
        }
        byte[] repaired = bytes.clone();
        ByteBuffer head = ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN);
        CRC32C body = new CRC32C();
        body.update(repaired, 128, repaired.length - 128);
        head.putInt(60, (int) body.getValue());
        CRC32C sum = new CRC32C();
        sum.update(repaired, 0, 64);
        head.putInt(64, (int) sum.getValue());
        return repaired;
    }
}
