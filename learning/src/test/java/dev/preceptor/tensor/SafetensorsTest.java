package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    private static ArrayData floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new ArrayData(ArrayData.Type.F32, new long[] {values.length}, bytes);
    }

    private Path file(String header, int body) throws Exception {
        return file(header.getBytes(StandardCharsets.UTF_8), header.length(), body);
    }

    private Path file(byte[] header, long claimed, int body) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + body).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(claimed).put(header);
        return Files.write(folder.resolve("x.safetensors"), bytes.array());
    }

    private static String refusal(Path file) {
        String message = assertThrows(InvalidFileException.class, () -> Safetensors.read(file))
                .getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Nested
    class RoundTrip {
        @ParameterizedTest
        @EnumSource(ArrayData.Type.class)
        void keepsEveryTypeNameShapeAndByte(ArrayData.Type type) {
            byte[] random = new byte[6 * type.size()];
            new SplittableRandom(type.ordinal()).nextBytes(random);
            Map<String, ArrayData> arrays = new LinkedHashMap<>();
            arrays.put("zürich/weight", new ArrayData(type, new long[] {2, 1, 3}, ByteBuffer.wrap(random)));
            arrays.put("a number", new ArrayData(type, new long[0], ByteBuffer.wrap(random, 0, type.size())));
            arrays.put("nothing", new ArrayData(type, new long[] {4, 0}, ByteBuffer.allocate(0)));
            Path file = folder.resolve("all.safetensors");
            new Safetensors(Map.of("key", "ä \"quoted\" \n line"), arrays).write(file);
            Safetensors read = Safetensors.read(file);
            assertEquals(Map.of("key", "ä \"quoted\" \n line"), read.metadata());
            assertEquals(arrays.keySet(), read.arrays().keySet());
            arrays.forEach((name, array) -> {
                assertEquals(type, read.arrays().get(name).type());
                assertArrayEquals(array.shape(), read.arrays().get(name).shape());
                assertEquals(array.bytes(), read.arrays().get(name).bytes());
            });
        }

        @Test
        void theSameContentGivesTheSameBytes() throws Exception {
            Safetensors content = new Safetensors(Map.of("b", "1"), Map.of("w", floats(1, 2)));
            content.write(folder.resolve("1"));
            content.write(folder.resolve("2"));
            assertArrayEquals(Files.readAllBytes(folder.resolve("1")), Files.readAllBytes(folder.resolve("2")));
        }

        @Test
        void tensorsSurviveConversionToArraysAndBack() {
            Torch.open();
            ArrayData array = floats(1, -2.5f, Float.MIN_VALUE);
            ArrayData copy = ArrayData.of(array.toTensor());
            assertEquals(array.type(), copy.type());
            assertEquals(array.bytes(), copy.bytes());
        }
    }

    /** A file with many arrays of one byte each. */
    private Path ofManyArrays(int count) throws Exception {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            header.append(i == 0 ? "" : ",")
                    .append("\"a" + i + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[" + i + "," + (i + 1)
                            + "]}");
        }
        return file(header.append('}').toString(), count);
    }

    @Test
    void manyArraysShareOneMapping() throws Exception {
        Path file = ofManyArrays(30_000);
        Safetensors read = Safetensors.read(file);
        assertEquals(30_000, read.arrays().size());
        assertEquals(0, read.arrays().get("a29999").bytes().get(0));
        Path maps = Path.of("/proc/self/maps");
        if (Files.exists(maps)) {
            String name = file.toRealPath().toString();
            assertEquals(
                    1,
                    Files.readAllLines(maps).stream()
                            .filter(line -> line.endsWith(name))
                            .count());
        }
    }

    @Nested
    class Refuses {
        @Test
        void tooManyArrays() throws Exception {
            assertTrue(refusal(ofManyArrays(70_000)).contains("has more than 32768 arrays, the most that are read"));
        }

        @Test
        void aNameThatOccursTwice() throws Exception {
            String one = "\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":";
            String message = refusal(file("{" + one + "[0,1]}," + one + "[1,2]}}", 2));
            assertTrue(message.contains("'w' twice (columns 2 and 54)"), message);
        }

        @Test
        void aMissingFile() {
            refusal(folder.resolve("none.safetensors"));
        }

        @Test
        void anEmptyFile() throws Exception {
            refusal(Files.createFile(folder.resolve("empty.safetensors")));
        }

        @Test
        void everyTruncatedFile() throws Exception {
            Path file = folder.resolve("whole.safetensors");
            new Safetensors(Map.of("k", "v"), Map.of("w", floats(1, 2, 3), "v", floats(4))).write(file);
            byte[] whole = Files.readAllBytes(file);
            for (int length = 0; length < whole.length; length++) {
                refusal(Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(whole, length)));
            }
        }

        @ParameterizedTest
        @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 1000})
        void aHeaderOfImpossibleLength(long claimed) throws Exception {
            String message = refusal(file("{}      ".getBytes(StandardCharsets.UTF_8), claimed, 0));
            assertTrue(message.contains("header"), message);
        }

        @ParameterizedTest
        @ValueSource(strings = {"not json", "[1, 2]", "{\"a\": ", "null", "{\"__metadata__\": {\"k\": 3}}"})
        void aHeaderThatIsNotAnObject(String header) throws Exception {
            refusal(file(header, 0));
        }

        @Test
        void bytesAfterTheLastArray() throws Exception {
            String message = refusal(file("{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 3));
            assertTrue(message.contains("1 bytes that belong to no array"), message);
        }

        @Test
        void arraysThatOverlapOrLeaveAGap() throws Exception {
            for (String second : List.of("[1,3]", "[3,5]", "[0,2]")) {
                String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                        + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":" + second + "}}";
                refusal(file(header, 5));
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{\"dtype\":\"C64\",\"shape\":[2],\"data_offsets\":[0,2]}",
                    "{\"shape\":[2],\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"U8\",\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"U8\",\"shape\":[2]}",
                    "{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0]}",
                    "{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,3]}",
                    "{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,0]}",
                    "{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[-2,0]}",
                    "{\"dtype\":\"U8\",\"shape\":[-1,-2],\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"U8\",\"shape\":[2.5],\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"U8\",\"shape\":[\"2\"],\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"U8\",\"shape\":[9223372036854775807,3],\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,2]}",
                    "{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}",
                    "3"
                })
        void anArrayWhoseShapeDoesNotMatchItsOffsets(String entry) throws Exception {
            assertTrue(refusal(file("{\"w\":" + entry + "}", 2)).contains("\"w\""));
        }
    }
}
