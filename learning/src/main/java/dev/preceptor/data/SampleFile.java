package dev.preceptor.data;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A sample on the disk, read by mapping it: its voxels are where the operating system keeps them, and take none of Java's heap.
 *
 * <p>Little-endian: eight bytes of magic, the key (32 bytes, what the sample was made from), x, y, z, the numbers of sequences
 * and of foreground voxels (int32 each), the CRC-32C of all before and of all after (int32 each), zeros up to 128 bytes; then
 * the images, the foreground and the classes of {@link Sample}.
 */
public final class SampleFile {
    /** The last byte is the version: of the format, and of what preprocessing makes of the same settings. */
    private static final byte[] MAGIC = {'P', 'R', 'C', 'S', 'M', 'P', 'L', 1};

    private static final int KEY = 32;
    private static final int CHECKED = MAGIC.length + KEY + 5 * Integer.BYTES + Integer.BYTES;
    private static final int HEAD = 128;

    private SampleFile() {}

    /**
     * Whether a sample is small enough to be mapped at once, below 2 GiB.
     */
    public static boolean fits(Sample sample) {
        return HEAD + sample.bytes() <= Integer.MAX_VALUE;
    }

    /**
     * Writes a sample whole or not at all.
     *
     * @param key 64 hexadecimal digits that stand for what the sample was made from
     * @throws dev.preceptor.base.PreceptorException if that is not possible
     */
    public static void write(Path file, String key, Sample sample) {
        List<ByteBuffer> body = body(sample);
        CRC32C sum = new CRC32C();
        body.forEach(part -> sum.update(part.duplicate()));
        ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
        head.put(MAGIC).put(HexFormat.of().parseHex(key));
        head.putInt(sample.size().x())
                .putInt(sample.size().y())
                .putInt(sample.size().z());
        head.putInt(sample.images().size()).putInt(sample.foreground().capacity());
        head.putInt((int) sum.getValue());
        head.putInt(sumOf(head.array(), CHECKED));
        AtomicFiles.write(file, out -> {
            out.write(head.array());
            for (ByteBuffer part : body) {
                write(part, out);
            }
        });
    }

    private static List<ByteBuffer> body(Sample sample) {
        List<ByteBuffer> body = new ArrayList<>();
        sample.images().forEach(image -> {
            ByteBuffer bytes =
                    ByteBuffer.allocate(Float.BYTES * image.capacity()).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(image.duplicate().clear());
            body.add(bytes);
        });
        IntBuffer foreground = sample.foreground();
        ByteBuffer places =
                ByteBuffer.allocate(Integer.BYTES * foreground.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        places.asIntBuffer().put(foreground.duplicate().clear());
        body.add(places);
        body.add(sample.classes().duplicate().clear());
        return body;
    }

    private static void write(ByteBuffer part, OutputStream out) throws IOException {
        byte[] stretch = new byte[1 << 16];
        ByteBuffer rest = part.duplicate();
        while (rest.hasRemaining()) {
            int count = Math.min(stretch.length, rest.remaining());
            rest.get(stretch, 0, count);
            out.write(stretch, 0, count);
        }
    }

    private static int sumOf(byte[] bytes, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, length);
        return (int) sum.getValue();
    }

    /**
     * Maps a sample and checks every byte of it.
     *
     * @param subject the ID that it gets
     * @param key what it must have been made from
     * @return nothing if it was made from something else
     * @throws InvalidFileException if it is torn, changed or not of this version
     * @throws IOException if it cannot be read
     */
    public static Optional<Sample> read(Path file, String subject, String key) throws IOException {
        ByteBuffer bytes;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < HEAD || channel.size() > Integer.MAX_VALUE) {
                throw new InvalidFileException(file, "is no whole sample, but " + channel.size() + " bytes");
            }
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            bytes = mapped.order(ByteOrder.LITTLE_ENDIAN);
        }
        byte[] head = new byte[HEAD];
        bytes.get(0, head);
        requireHead(file, head);
        if (!HexFormat.of().formatHex(head, MAGIC.length, MAGIC.length + KEY).equals(key)) {
            return Optional.empty();
        }
        return Optional.of(sample(file, subject, bytes));
    }

    private static void requireHead(Path file, byte[] head) {
        ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        if (!fields.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            throw new InvalidFileException(file, "is no sample of this version");
        }
        if (fields.getInt(CHECKED) != sumOf(head, CHECKED)) {
            throw new InvalidFileException(file, "its head does not match its checksum");
        }
    }

    private static Sample sample(Path file, String subject, ByteBuffer bytes) {
        int at = MAGIC.length + KEY;
        Size size = new Size(bytes.getInt(at), bytes.getInt(at + 4), bytes.getInt(at + 8));
        int sequences = bytes.getInt(at + 12);
        int foreground = bytes.getInt(at + 16);
        long length = HEAD + (4L * sequences + 1) * size.voxels() + 4L * foreground;
        if (bytes.capacity() != length) {
            throw new InvalidFileException(file, "has " + bytes.capacity() + " bytes instead of " + length);
        }
        CRC32C sum = new CRC32C();
        sum.update(bytes.duplicate().position(HEAD));
        if ((int) sum.getValue() != bytes.getInt(at + 20)) {
            throw new InvalidFileException(file, "does not match its checksum");
        }
        int imageBytes = Float.BYTES * size.voxels();
        List<FloatBuffer> images = new ArrayList<>();
        for (int c = 0; c < sequences; c++) {
            images.add(part(bytes, HEAD + c * imageBytes, imageBytes).asFloatBuffer());
        }
        int places = HEAD + sequences * imageBytes;
        return new Sample(
                subject,
                size,
                images,
                part(bytes, places + Integer.BYTES * foreground, size.voxels()),
                part(bytes, places, Integer.BYTES * foreground).asIntBuffer());
    }

    private static ByteBuffer part(ByteBuffer bytes, int start, int length) {
        return bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
