package dev.preceptor.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.network.spi.BuiltInNetworks;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Model files that are made to harm, by their structure; damaged bytes are in FuzzedLearningInputsTest. */
class HostileModelTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** Arguments of each network that are valid and as large as can be. */
    private static final Map<String, String> LARGEST = Map.of(
            "unet", "{\"widths\":[2048,2048,2048,2048,2048,2048,2048]}",
            "resunet", "{\"widths\":[2048,2048,2048,2048,2048,2048,2048]}",
            "nnunet", "{\"widths\":[2048,2048,2048,2048,2048,2048,2048],\"encoder\":\"RESIDUAL\"}",
            "multiresunet", "{\"widths\":[2048,2048,2048,2048,2048,2048,2048]}",
            "u-hemis", "{\"widths\":[2048,2048,2048,2048,2048,2048,2048]}",
            "u-hved", "{\"widths\":[2048,2048,2048,2048,2048,2048,2048]}",
            "rfnet", "{\"widths\":[2048,2048,2048,2048]}",
            "robust-mseg", "{\"widths\":[2048,2048,2048,2048]}",
            "synthesis", "{\"widths\":[2048,2048,2048,2048],\"generatorWidths\":[2048,2048,2048,2048]}");

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1",
            "2147483648",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551616",
            "1e308",
            "0.5",
            "\"1\"",
            "\"F32\"",
            "\"C64\"",
            "[]",
            "{}",
            "[[[]]]",
            "[1,2]",
            "[0,9223372036854775807]",
            "[4611686018427387904,4]",
            "[0,4611686018427387904,8]",
            "[2147483647,2147483647]",
            "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
            "{\"a\":{\"b\":[1]}}",
            "[1048576,1048576]",
            "[4,8,16,32,64,128,256,512,1024,2048]",
            "[100000,100000,100000]",
            "[1024,1024,1024]",
            "\"\\u0000\"");

    @TempDir
    private Path folder;

    private static byte[] body;
    private static ObjectNode header;

    @BeforeAll
    static void build(@TempDir Path seeds) throws IOException {
        Torch.open();
        Path file = seeds.resolve("seed.safetensors");
        Models.small(1).write(file);
        byte[] bytes = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        header = (ObjectNode) JSON.readTree(new String(bytes, 8, length, UTF_8));
        body = Arrays.copyOfRange(bytes, 8 + length, bytes.length);
    }

    private static Path write(Path file, byte[] json, byte[] rest) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + rest.length).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(file, bytes.putLong(json.length).put(json).put(rest).array());
    }

    /** Reads the file; the message if it is refused, empty if it is valid. Anything else fails the test. */
    private static String outcome(Path file, String what) {
        return Assertions.assertTimeout(
                LIMIT,
                () -> {
                    try {
                        ModelFile.read(file);
                        return "";
                    } catch (InvalidFileException e) {
                        String message = e.getMessage();
                        assertTrue(message.startsWith(file + ": "), what + ": " + message);
                        assertEquals(1, message.lines().count(), what);
                        assertTrue(message.length() < 1200 + file.toString().length(), what + ": a long message");
                        return message;
                    }
                },
                what);
    }

    @Test
    void aHeaderWithAnyValueReplacedIsValidOrRefusedInOneLine() throws IOException {
        for (int seed = 0; seed < 600; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ObjectNode changed = header.deepCopy();
            ObjectNode metadata = (ObjectNode) changed.get("__metadata__");
            if (random.nextInt(3) == 0) {
                List<String> keys = List.copyOf(changed.propertyNames());
                replaceWithin(changed.get(keys.get(random.nextInt(keys.size()))), random);
            } else {
                List<String> keys = List.copyOf(metadata.propertyNames());
                String key = keys.get(random.nextInt(keys.size()));
                metadata.put(key, changedText(metadata.get(key).stringValue(), random));
            }
            Path file = write(folder.resolve("m.safetensors"), JSON.writeValueAsBytes(changed), body);
            outcome(file, "seed " + seed);
        }
    }

    private static String changedText(String text, SplittableRandom random) {
        JsonNode tree;
        try {
            tree = JSON.readTree(text);
        } catch (JacksonException e) {
            return VALUES.get(random.nextInt(VALUES.size()));
        }
        if (!tree.isContainer() || random.nextInt(4) == 0) {
            return VALUES.get(random.nextInt(VALUES.size()));
        }
        replaceWithin(tree, random);
        return JSON.writeValueAsString(tree);
    }

    /** Replaces one value somewhere below a node, or removes it. */
    private static void replaceWithin(JsonNode node, SplittableRandom random) {
        JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            List<String> keys = List.copyOf(object.propertyNames());
            String key = keys.get(random.nextInt(keys.size()));
            if (object.get(key).isContainer() && random.nextBoolean()) {
                replaceWithin(object.get(key), random);
            } else if (random.nextInt(5) == 0) {
                object.remove(key);
            } else {
                object.set(key, value);
            }
        } else if (node instanceof ArrayNode array && !array.isEmpty()) {
            array.set(random.nextInt(array.size()), value);
        }
    }

    @Test
    void everyNetworkOfTheRegistryIsRefusedBeforeItIsLargerThanTwiceTheFile() throws IOException {
        assertEquals(
                new TreeSet<>(new BuiltInNetworks().networks().keySet()),
                new TreeSet<>(LARGEST.keySet()),
                "a new network needs its largest arguments here");
        for (Map.Entry<String, String> network : LARGEST.entrySet()) {
            Path file = named(network.getKey(), network.getValue());
            String message = outcome(file, network.getKey());
            assertTrue(message.contains("more than twice as many weights as the file"), message);
        }
    }

    private Path named(String network, String arguments) throws IOException {
        ObjectNode changed = header.deepCopy();
        ((ObjectNode) changed.get("__metadata__"))
                .put(
                        "network",
                        "{\"name\":\"" + network + "\",\"inputs\":1,\"outputs\":3,\"arguments\":" + arguments + "}");
        return write(folder.resolve(network + ".safetensors"), JSON.writeValueAsBytes(changed), body);
    }

    @Test
    void aPatchOfABillionVoxelsIsRefused() throws IOException {
        ObjectNode changed = header.deepCopy();
        ((ObjectNode) changed.get("__metadata__")).put("patch", "[1024,1024,1024]");
        Path file = write(folder.resolve("m.safetensors"), JSON.writeValueAsBytes(changed), body);
        assertTrue(outcome(file, "patch").contains("patch must have at most"));
    }

    /** Each of these needs gigabytes, or hours, if it is parsed to a tree first. */
    @Tag("integration")
    @Test
    void filesMadeToExhaustMemoryOrTimeAreRefusedWithinAHeapOf256Mib() throws Exception {
        for (Map.Entry<String, byte[]> header : greedy().entrySet()) {
            Path file = write(folder.resolve(header.getKey() + ".safetensors"), header.getValue(), body);
            Process process = JavaProcess.builder(
                            List.of("-Xmx256m", "-XX:+UseSerialGC"), Reading.class, List.of(file.toString()))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertEquals(0, process.waitFor(), header.getKey() + ": " + output);
            assertTrue(output.contains("refused " + file), header.getKey() + ": " + output);
        }
    }

    private static Map<String, byte[]> greedy() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("brackets", ("{\"a\":" + "[".repeat(100_000)).getBytes(UTF_8));
        files.put("90-mb", ("{\"a\":\"" + "x".repeat(90_000_000) + "\"}").getBytes(UTF_8));
        files.put("arrays", ("{" + many(1_000_000, i -> "\"" + i + "\":{}") + "}").getBytes(UTF_8));
        files.put("empty-lists", ("{\"a\":[" + many(5_000_000, i -> "[]") + "]}").getBytes(UTF_8));
        files.put("keys", ("{\"a\":{" + many(1_000_000, i -> "\"" + i + "\":1") + "}}").getBytes(UTF_8));
        files.put(
                "metadata",
                ("{\"__metadata__\":{" + many(1_000_000, i -> "\"" + i + "\":\"\"") + "}}").getBytes(UTF_8));
        files.put("number", ("{\"a\":{\"shape\":[" + "9".repeat(5_000_000) + "]}}").getBytes(UTF_8));
        files.put("scores", metadata("scores", "[" + many(5_000_000, i -> "[]") + "]"));
        files.put("scores-nested", metadata("scores", "[".repeat(1_000_000)));
        files.put(
                "widths",
                metadata(
                        "network",
                        "{\"name\":\"unet\",\"inputs\":1,\"outputs\":3,\"arguments\":{\"widths\":["
                                + many(1_000_000, i -> "1") + "]}}"));
        files.put("inputs", metadata("inputs", "[" + many(500_000, i -> "\"S" + i + "\"") + "]"));
        ObjectNode labels =
                (ObjectNode) JSON.readTree(metadata("classes", "[" + many(200_000, i -> "\"c" + i + "\"") + "]"));
        ObjectNode metadata = (ObjectNode) labels.get("__metadata__");
        metadata.put("regions", "{" + many(100_000, i -> "\"r" + i + "\":[\"c" + i + "\"]") + "}");
        metadata.put("writing", "{" + many(100_000, i -> "\"r" + i + "\":\"c" + i + "\"") + "}");
        files.put("labels", JSON.writeValueAsBytes(labels));
        return files;
    }

    private static String many(int count, IntFunction<String> each) {
        return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining(","));
    }

    private static byte[] metadata(String key, String value) {
        ObjectNode changed = header.deepCopy();
        ((ObjectNode) changed.get("__metadata__")).put(key, value);
        return JSON.writeValueAsBytes(changed);
    }

    /** Reads a model in a JVM of its own and prints the refusal. */
    static final class Reading {
        private static final long MAX_SECONDS = 60;

        private Reading() {}

        public static void main(String[] arguments) {
            long start = System.nanoTime();
            try {
                ModelFile.read(Path.of(arguments[0]));
            } catch (InvalidFileException e) {
                System.out.println("refused " + e.getMessage());
            }
            if (System.nanoTime() - start > MAX_SECONDS * 1_000_000_000) {
                throw new IllegalStateException("slow");
            }
        }
    }
}
