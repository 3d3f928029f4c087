package dev.preceptor.parallel;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Encodes small maps as bytes and decodes them; numbers keep every bit. */
final class Codec {
    private Codec() {}

    static byte[] bytes(Map<String, String> texts) {
        return encode(out -> {
            out.writeInt(texts.size());
            for (Map.Entry<String, String> entry : texts.entrySet()) {
                writeText(out, entry.getKey());
                writeText(out, entry.getValue());
            }
        });
    }

    static Map<String, String> texts(byte[] bytes) {
        Map<String, String> texts = new LinkedHashMap<>();
        decode(bytes, in -> {
            for (int n = in.readInt(); n > 0; n--) {
                texts.put(readText(in), readText(in));
            }
        });
        return texts;
    }

    static byte[] tables(Map<String, Map<String, Double>> tables) {
        return encode(out -> {
            out.writeInt(tables.size());
            for (Map.Entry<String, Map<String, Double>> table : tables.entrySet()) {
                writeText(out, table.getKey());
                out.writeInt(table.getValue().size());
                for (Map.Entry<String, Double> entry : table.getValue().entrySet()) {
                    writeText(out, entry.getKey());
                    out.writeDouble(entry.getValue());
                }
            }
        });
    }

    static Map<String, Map<String, Double>> tables(byte[] bytes) {
        Map<String, Map<String, Double>> tables = new LinkedHashMap<>();
        decode(bytes, in -> {
            for (int n = in.readInt(); n > 0; n--) {
                Map<String, Double> table = new LinkedHashMap<>();
                tables.put(readText(in), table);
                for (int m = in.readInt(); m > 0; m--) {
                    table.put(readText(in), in.readDouble());
                }
            }
        });
        return tables;
    }

    /** All numbers, concatenated in the order of the map. */
    static double[] flat(Map<String, List<Double>> lists) {
        return lists.values().stream()
                .flatMap(Collection::stream)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    /** Unlike {@link DataOutputStream#writeUTF}, which ends at 65535 bytes, for a text of any length. */
    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private interface StreamAction<S> {
        void on(S stream) throws IOException;
    }

    private static byte[] encode(StreamAction<DataOutputStream> action) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            action.on(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void decode(byte[] bytes, StreamAction<DataInputStream> action) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            action.on(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
