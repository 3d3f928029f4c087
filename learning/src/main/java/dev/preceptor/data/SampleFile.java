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
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
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
        return bytes(sample) <= Integer.MAX_VALUE;
    }

    /** The length of the file of a sample. */
    public static long bytes(Sample sample) {
        return HEAD + sample.bytes();
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
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long length = channel.size();
            if (length < HEAD || length > Integer.MAX_VALUE) {
                throw new InvalidFileException(file, "is no whole sample, but " + length + " bytes");
            }
            ByteBuffer head = ByteBuffer.allocate(HEAD);
            // Not through the mapping: a file that is cut while its sum is taken must not end the process.
            CRC32C sum = new CRC32C();
            read(file, channel, head);
            requireHead(file, head.array());
            if (!HexFormat.of()
                    .formatHex(head.array(), MAGIC.length, MAGIC.length + KEY)
                    .equals(key)) {
                return Optional.empty();
            }
            Layout layout = Layout.of(file, head.order(ByteOrder.LITTLE_ENDIAN), length);
            ByteBuffer stretch = ByteBuffer.allocate(1 << 16);
            for (long rest = length - HEAD; rest > 0; rest -= stretch.limit()) {
                stretch.clear().limit((int) Math.min(stretch.capacity(), rest));
                read(file, channel, stretch);
                sum.update(stretch.flip());
            }
            if ((int) sum.getValue() != layout.sum) {
                throw new InvalidFileException(file, "does not match its checksum");
            }
            return Optional.of(layout.sample(
                    subject,
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, length).order(ByteOrder.LITTLE_ENDIAN)));
        }
    }

    private static void read(Path file, FileChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new InvalidFileException(file, "was cut while it was read");
            }
        }
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

    /** What a head says. */
    private record Layout(Size size, int sequences, int foreground, int sum) {
        static Layout of(Path file, ByteBuffer head, long length) {
            int at = MAGIC.length + KEY;
            int x = head.getInt(at);
            int y = head.getInt(at + 4);
            int z = head.getInt(at + 8);
            int sequences = head.getInt(at + 12);
            int foreground = head.getInt(at + 16);
            if (x < 1 || y < 1 || z < 1 || (long) x * y > length || sequences < 1 || foreground < 0) {
                throw new InvalidFileException(file, "its head gives impossible extents");
            }
            // Below 2^62, for x * y is below 2^31.
            long voxels = (long) x * y * z;
            double expected = HEAD + (4.0 * sequences + 1) * voxels + 4.0 * foreground;
            if (length != expected) {
                throw new InvalidFileException(
                        file, "has " + length + " bytes instead of " + String.format(Locale.ROOT, "%.0f", expected));
            }
            return new Layout(new Size(x, y, z), sequences, foreground, head.getInt(at + 20));
        }

        Sample sample(String subject, ByteBuffer bytes) {
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
    }

    private static ByteBuffer part(ByteBuffer bytes, int start, int length) {
        return bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
