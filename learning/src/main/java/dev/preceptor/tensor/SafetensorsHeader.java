package dev.preceptor.tensor;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.base.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Parses the JSON header of a safetensors file in one pass and keeps only names, shapes and metadata, so that a header made to
 * harm takes no more memory than an honest one.
 *
 * @param metadata the strings of {@code __metadata__} by key
 * @param arrays without gaps or overlap, in the order of the file
 */
record SafetensorsHeader(Map<String, String> metadata, List<ArrayHeader> arrays) {
    static final String METADATA = "__metadata__";

    private static final int MAX_ARRAYS = 32_768;
    private static final int MAX_METADATA = 4_096;
    private static final int MAX_AXES = 16;
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * One array.
     *
     * @param begin position of its first byte after the header
     * @param end position after its last byte, at most 2 GiB behind {@code begin}
     */
    record ArrayHeader(String name, ArrayData.Type type, long[] shape, long begin, long end) {}

    /**
     * Parses a header.
     *
     * @param file for messages
     * @param available number of bytes after the header
     * @throws InvalidFileException if it is not valid, or the arrays do not cover these bytes
     */
    static SafetensorsHeader parse(Path file, byte[] header, long available) {
        Reader reader = new Reader(file);
        try {
            reader.read(TextFile.decode(header));
        } catch (InvalidFileException e) {
            throw e;
        } catch (StreamConstraintsException e) {
            throw notSafetensors(
                    file,
                    "exceeds the limits for JSON: blocks are nested too deeply, or a name or number is too long",
                    e);
        } catch (JacksonException e) {
            throw notSafetensors(file, "is not valid JSON" + Reason.at(e), e);
        } catch (PreceptorException e) {
            throw notSafetensors(file, e.getMessage(), e);
        }
        List<ArrayHeader> arrays = new ArrayList<>(reader.arrays.values());
        arrays.sort(Comparator.comparingLong(ArrayHeader::begin).thenComparingLong(ArrayHeader::end));
        requireCover(file, arrays, available);
        return new SafetensorsHeader(reader.metadata, arrays);
    }

    private static InvalidFileException notSafetensors(Path file, String why, Exception cause) {
        return new InvalidFileException(file, "is not a safetensors file: its header " + why, cause);
    }

    private static void requireCover(Path file, List<ArrayHeader> arrays, long available) {
        long expected = 0;
        for (ArrayHeader array : arrays) {
            if (array.begin != expected || array.end > available) {
                throw new InvalidFileException(
                        file,
                        "array \"" + array.name + "\" claims bytes " + array.begin + " to " + array.end + " of "
                                + available + ", expected a start at " + expected
                                + "; the file is truncated or damaged, copy it again");
            }
            expected = array.end;
        }
        if (expected != available) {
            throw new InvalidFileException(
                    file, "has " + (available - expected) + " bytes that belong to no array; it is damaged");
        }
    }

    /** The state of parsing one header. */
    private static final class Reader {
        private final Path file;
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final Map<String, ArrayHeader> arrays = new LinkedHashMap<>();

        Reader(Path file) {
            this.file = file;
        }

        void read(String text) {
            try (JsonParser json = JSON.createParser(text)) {
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    throw new PreceptorException("is not a JSON object");
                }
                Keys keys = new Keys(json);
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String name = keys.current();
                    json.nextToken();
                    if (name.equals(METADATA)) {
                        readMetadata(json);
                    } else {
                        arrays.put(name, array(name, json));
                    }
                    if (arrays.size() > MAX_ARRAYS) {
                        throw new InvalidFileException(
                                file, "has more than " + MAX_ARRAYS + " arrays, the most that are read");
                    }
                }
                if (json.nextToken() != null) {
                    throw new PreceptorException("has something after its JSON object");
                }
            }
        }

        private void readMetadata(JsonParser json) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw new InvalidFileException(file, "its metadata is not an object of strings");
            }
            Keys keys = new Keys(json);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = keys.current();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    throw new InvalidFileException(file, "its metadata \"" + key + "\" is not a string");
                }
                metadata.put(key, json.getString());
                if (metadata.size() > MAX_METADATA) {
                    throw new InvalidFileException(
                            file, "has more than " + MAX_METADATA + " entries of metadata, the most that are read");
                }
            }
        }

        private ArrayHeader array(String name, JsonParser json) {
            Optional<ArrayData.Type> type = Optional.empty();
            Optional<long[]> shape = Optional.empty();
            Optional<long[]> offsets = Optional.empty();
            if (json.currentToken() == JsonToken.START_OBJECT) {
                Keys keys = new Keys(json);
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String key = keys.current();
                    JsonToken value = json.nextToken();
                    switch (key) {
                        case "dtype" -> type = Optional.of(type(name, json));
                        case "shape" -> shape = numbers(name, value, json);
                        case "data_offsets" -> offsets = numbers(name, value, json);
                        default -> json.skipChildren();
                    }
                }
            }
            if (type.isEmpty()
                    || shape.isEmpty()
                    || offsets.filter(two -> two.length == 2).isEmpty()) {
                throw new InvalidFileException(
                        file, "array \"" + name + "\" has no type, no shape, or not two offsets");
            }
            return header(name, type.get(), shape.get(), offsets.get()[0], offsets.get()[1]);
        }

        private ArrayData.Type type(String name, JsonParser json) {
            String text = json.currentToken() == JsonToken.VALUE_STRING
                    ? json.getString()
                    : json.currentToken().name();
            return Arrays.stream(ArrayData.Type.values())
                    .filter(type -> type.name().equals(text))
                    .findFirst()
                    .orElseThrow(() ->
                            new InvalidFileException(file, "array \"" + name + "\" has the unknown type " + text));
        }

        /** A list of whole numbers; empty if the value is no list. */
        private Optional<long[]> numbers(String name, JsonToken value, JsonParser json) {
            if (value != JsonToken.START_ARRAY) {
                json.skipChildren();
                return Optional.empty();
            }
            long[] numbers = new long[MAX_AXES];
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (count == MAX_AXES) {
                    throw mismatch(name, "more than " + MAX_AXES + " axes");
                }
                if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                    throw mismatch(name, "they must be whole numbers");
                }
                try {
                    numbers[count++] = json.getLongValue();
                } catch (InputCoercionException e) {
                    throw mismatch(name, "a number has more than 63 bits");
                }
            }
            return Optional.of(Arrays.copyOf(numbers, count));
        }

        private ArrayHeader header(String name, ArrayData.Type type, long[] shape, long begin, long end) {
            try {
                long bytes = type.size();
                // The product without zeros must fit too: libtorch computes strides from it.
                long strides = type.size();
                for (long extent : shape) {
                    if (extent < 0) {
                        throw mismatch(name, "negative extent");
                    }
                    bytes = Math.multiplyExact(bytes, extent);
                    strides = Math.multiplyExact(strides, Math.max(extent, 1));
                }
                if (begin < 0 || end < begin || end - begin != bytes || bytes > Integer.MAX_VALUE) {
                    throw mismatch(name, "bytes " + begin + " to " + end + " for " + bytes);
                }
                return new ArrayHeader(name, type, shape, begin, end);
            } catch (ArithmeticException e) {
                throw mismatch(name, "the product of its extents has more than 63 bits");
            }
        }

        private InvalidFileException mismatch(String name, String why) {
            return new InvalidFileException(
                    file, "array \"" + name + "\" has a shape that does not match its offsets: " + why);
        }
    }

    /** The keys of one object; refuses one that occurs twice, because parsers disagree on which value counts. */
    private static final class Keys {
        private static final int MAX_NAME = 1024;
        private static final int MAX_KEYS = 2 * MAX_ARRAYS;

        private final JsonParser json;
        private final Map<String, Integer> columns = new HashMap<>();

        Keys(JsonParser json) {
            this.json = json;
        }

        String current() {
            String key = json.currentName();
            if (key.length() > MAX_NAME) {
                throw new PreceptorException(
                        "has a name of " + key.length() + " characters; at most " + MAX_NAME + " are read");
            }
            int column = json.currentTokenLocation().getColumnNr();
            if (columns.size() > MAX_KEYS) {
                throw new PreceptorException("has an object of more than " + MAX_KEYS + " keys");
            }
            Integer earlier = columns.put(key, column);
            if (earlier != null) {
                throw new PreceptorException("has the key '" + key.substring(0, Math.min(key.length(), 80))
                        + "' twice (columns " + earlier + " and " + column + "); keep one of them");
            }
            return key;
        }
    }
}
