package dev.preceptor.track;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of events as TensorBoard reads them: TFRecords, each an {@code Event} of TensorFlow's {@code event.proto} in the wire
 * format of Protocol Buffers, of which a handful of fields are needed. A record is added whole; what a kill tears off is the
 * last one, which readers skip.
 *
 * @param path the file
 */
record EventFile(Path path) {
    private static final String VERSION = "brain.Event:2";
    private static final int SESSION_START = 1;
    private static final int MASK = 0xa282ead8;

    /** Begins the file: points of earlier files whose step is this one or later are void. */
    void begin(double wallTimeSeconds, long step) {
        Message version = new Message().real(1, wallTimeSeconds).text(3, VERSION);
        Message start = event(wallTimeSeconds, step).message(7, new Message().number(1, SESSION_START));
        add(version);
        add(start);
    }

    /** Adds scalars by tag, all at one step. */
    void scalars(double wallTimeSeconds, long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach(
                (tag, value) -> summary.message(1, new Message().text(1, tag).single(2, value.floatValue())));
        add(event(wallTimeSeconds, step).message(5, summary));
    }

    private static Message event(double wallTimeSeconds, long step) {
        return new Message().real(1, wallTimeSeconds).number(2, step);
    }

    private void add(Message event) {
        try {
            AtomicFiles.createFolder(path.toAbsolutePath().getParent());
            Files.write(path, framed(event.bytes()), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new PreceptorException(path + ": cannot be written: " + AtomicFiles.reason(e), e);
        }
    }

    /** A TFRecord: the length, its sum, the data, their sum; little-endian. */
    static byte[] framed(byte[] data) {
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(data.length)
                .array();
        return ByteBuffer.allocate(data.length + 16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(length)
                .putInt(masked(length))
                .put(data)
                .putInt(masked(data))
                .array();
    }

    /** CRC-32C, turned and shifted so that sums of data that hold sums are no trouble. */
    private static int masked(byte[] data) {
        CRC32C sum = new CRC32C();
        sum.update(data);
        return Integer.rotateRight((int) sum.getValue(), 15) + MASK;
    }

    /** A message of Protocol Buffers, field by field. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int EIGHT_BYTES = 1;
        private static final int DELIMITED = 2;
        private static final int FOUR_BYTES = 5;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            key(field, VARINT);
            varint(value);
            return this;
        }

        Message real(int field, double value) {
            key(field, EIGHT_BYTES);
            out.writeBytes(ByteBuffer.allocate(Double.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putDouble(value)
                    .array());
            return this;
        }

        Message single(int field, float value) {
            key(field, FOUR_BYTES);
            out.writeBytes(ByteBuffer.allocate(Float.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(value)
                    .array());
            return this;
        }

        Message text(int field, String value) {
            return delimited(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return delimited(field, value.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private Message delimited(int field, byte[] bytes) {
            key(field, DELIMITED);
            varint(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        private void key(int field, int wire) {
            varint((long) field << 3 | wire);
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
