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
 * A TensorBoard event file: TFRecords, each an {@code Event} of TensorFlow's {@code event.proto} in the wire format of Protocol
 * Buffers. Each record is appended by one write and synced; a kill can tear the last one only, which TensorBoard skips.
 *
 * @param path the file
 */
record EventFile(Path path) {
    private static final String VERSION = "brain.Event:2";
    private static final int SESSION_START = 1;
    private static final int MASK_DELTA = 0xa282ead8;

    /** Writes the header, which voids the points of earlier files at this step and later. */
    void begin(double wallTimeSeconds, long step) {
        Message version = new Message().float64(1, wallTimeSeconds).text(3, VERSION);
        Message start = event(wallTimeSeconds, step).message(7, new Message().int64(1, SESSION_START));
        append(version);
        append(start);
    }

    /** Appends scalars by tag, all at one step. */
    void scalars(double wallTimeSeconds, long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach(
                (tag, value) -> summary.message(1, new Message().text(1, tag).float32(2, value.floatValue())));
        append(event(wallTimeSeconds, step).message(5, summary));
    }

    private static Message event(double wallTimeSeconds, long step) {
        return new Message().float64(1, wallTimeSeconds).int64(2, step);
    }

    private void append(Message event) {
        try {
            AtomicFiles.createFolder(path.toAbsolutePath().getParent());
            Files.write(
                    path,
                    frame(event.bytes()),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    StandardOpenOption.SYNC);
        } catch (IOException e) {
            throw new PreceptorException(path + ": cannot be written: " + AtomicFiles.reason(e), e);
        }
    }

    /** A TFRecord: length, masked CRC of the length, data, masked CRC of the data; little-endian. */
    static byte[] frame(byte[] data) {
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(data.length)
                .array();
        return ByteBuffer.allocate(data.length + 16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(length)
                .putInt(maskedCrc(length))
                .put(data)
                .putInt(maskedCrc(data))
                .array();
    }

    /** The masked CRC-32C of TFRecords: the checksum rotated right by 15 bits plus a constant. */
    private static int maskedCrc(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }

    /** A Protocol Buffers message, encoded field by field. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int EIGHT_BYTES = 1;
        private static final int DELIMITED = 2;
        private static final int FOUR_BYTES = 5;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message int64(int field, long value) {
            key(field, VARINT);
            varint(value);
            return this;
        }

        Message float64(int field, double value) {
            key(field, EIGHT_BYTES);
            out.writeBytes(ByteBuffer.allocate(Double.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putDouble(value)
                    .array());
            return this;
        }

        Message float32(int field, float value) {
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

        private void key(int field, int wireType) {
            varint((long) field << 3 | wireType);
        }

        private void varint(long value) {
            long remaining = value;
            while ((remaining & ~0x7fL) != 0) {
                out.write((int) (remaining & 0x7f | 0x80));
                remaining >>>= 7;
            }
            out.write((int) remaining);
        }
    }
}
