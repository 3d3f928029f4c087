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
 * The file of a sample. Reading maps it, so that the voxels stay in the page cache of the operating system and take no heap.
 *
 * <p>Format, little-endian: eight bytes of magic; the key (32 bytes, a hash of what the sample was made from); x, y, z, the
 * numbers of sequences and of foreground voxels (int32 each); the set of sequences that the subject has (int64, one bit each,
 * the first sequence lowest); whether it has labels (int32, 0 or 1); the CRC-32C of the body and that of the header so far
 * (int32 each); zeros up to 128 bytes; then the body: the images, the foreground and the classes of {@link Sample}, without
 * what the subject lacks.
 */
public final class SampleFile {
    /** The last byte is the version, of the format and of the result of preprocessing under the same settings. */
    private static final byte[] MAGIC = {'P', 'R', 'C', 'S', 'M', 'P', 'L', 2};

    private static final int KEY = 32;
    private static final int CHECKED_HEADER = MAGIC.length + KEY + 7 * Integer.BYTES + Long.BYTES;
    private static final int HEADER = 128;

    private SampleFile() {}

    /** Whether a file can hold a sample: it has at most 64 sequences and is small enough for one mapping, below 2 GiB. */
    public static boolean fits(Sample sample) {
        return bytes(sample) <= Integer.MAX_VALUE && sample.images().size() <= Long.SIZE;
    }

    /** The length of the file of a sample in bytes. */
    public static long bytes(Sample sample) {
        return HEADER + sample.bytes();
    }

    /**
     * Writes a sample whole or not at all.
     *
     * @param key 64 hexadecimal digits, a hash of what the sample was made from
     * @throws dev.preceptor.base.PreceptorException if the file cannot be written
     */
    public static void write(Path file, String key, Sample sample) {
        List<ByteBuffer> body = body(sample);
        CRC32C sum = new CRC32C();
        body.forEach(part -> sum.update(part.duplicate()));
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).put(HexFormat.of().parseHex(key));
        header.putInt(sample.size().x())
                .putInt(sample.size().y())
                .putInt(sample.size().z());
        header.putInt(sample.images().size()).putInt(sample.foreground().capacity());
        header.putLong(presence(sample)).putInt(sample.classes().isPresent() ? 1 : 0);
        header.putInt((int) sum.getValue());
        header.putInt(crc(header.array(), CHECKED_HEADER));
        AtomicFiles.write(file, out -> {
            out.write(header.array());
            for (ByteBuffer part : body) {
                write(part, out);
            }
        });
    }

    private static long presence(Sample sample) {
        long presence = 0;
        for (int c = 0; c < sample.images().size(); c++) {
            presence |= sample.images().get(c).isPresent() ? 1L << c : 0;
        }
        return presence;
    }

    private static List<ByteBuffer> body(Sample sample) {
        List<ByteBuffer> body = new ArrayList<>();
        sample.images().stream().flatMap(Optional::stream).forEach(image -> {
            ByteBuffer bytes =
                    ByteBuffer.allocate(Float.BYTES * image.capacity()).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(image.duplicate().clear());
            body.add(bytes);
        });
        IntBuffer foreground = sample.foreground();
        ByteBuffer positions =
                ByteBuffer.allocate(Integer.BYTES * foreground.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        positions.asIntBuffer().put(foreground.duplicate().clear());
        body.add(positions);
        sample.classes().ifPresent(classes -> body.add(classes.duplicate().clear()));
        return body;
    }

    private static void write(ByteBuffer part, OutputStream out) throws IOException {
        byte[] chunk = new byte[1 << 16];
        ByteBuffer rest = part.duplicate();
        while (rest.hasRemaining()) {
            int count = Math.min(chunk.length, rest.remaining());
            rest.get(chunk, 0, count);
            out.write(chunk, 0, count);
        }
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, length);
        return (int) sum.getValue();
    }

    /**
     * Maps a sample after its checksums were verified.
     *
     * @param subject the ID of the subject
     * @param key the expected key
     * @return the sample, or nothing if the file has another key
     * @throws InvalidFileException if the file is truncated, altered or of another version
     * @throws IOException if the file cannot be read
     */
    public static Optional<Sample> read(Path file, String subject, String key) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long length = channel.size();
            if (length < HEADER || length > Integer.MAX_VALUE) {
                throw new InvalidFileException(file, "is not a complete sample: it has " + length + " bytes");
            }
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            // Not through the mapping: truncation of a mapped file during the check would end the process.
            CRC32C sum = new CRC32C();
            read(file, channel, header);
            requireHeader(file, header.array());
            if (!HexFormat.of()
                    .formatHex(header.array(), MAGIC.length, MAGIC.length + KEY)
                    .equals(key)) {
                return Optional.empty();
            }
            SampleHeader fields = SampleHeader.of(file, header.order(ByteOrder.LITTLE_ENDIAN), length);
            ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
            for (long rest = length - HEADER; rest > 0; rest -= chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), rest));
                read(file, channel, chunk);
                sum.update(chunk.flip());
            }
            if ((int) sum.getValue() != fields.sum) {
                throw new InvalidFileException(file, "does not match its checksum");
            }
            return Optional.of(fields.sample(
                    subject,
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, length).order(ByteOrder.LITTLE_ENDIAN)));
        }
    }

    private static void read(Path file, FileChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new InvalidFileException(file, "was truncated while it was read");
            }
        }
    }

    private static void requireHeader(Path file, byte[] header) {
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        if (!fields.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            throw new InvalidFileException(file, "is not a sample of this version");
        }
        if (fields.getInt(CHECKED_HEADER) != crc(header, CHECKED_HEADER)) {
            throw new InvalidFileException(file, "its header does not match its checksum");
        }
    }

    /** The extents and checksum in a header. */
    private record SampleHeader(Size size, int sequences, int foreground, long presence, boolean labelled, int sum) {
        static SampleHeader of(Path file, ByteBuffer header, long length) {
            int at = MAGIC.length + KEY;
            int x = header.getInt(at);
            int y = header.getInt(at + 4);
            int z = header.getInt(at + 8);
            int sequences = header.getInt(at + 12);
            int foreground = header.getInt(at + 16);
            long presence = header.getLong(at + 20);
            int labelled = header.getInt(at + 28);
            boolean isPossible = x >= 1 && y >= 1 && z >= 1 && (long) x * y <= length && foreground >= 0;
            if (!isPossible
                    || sequences < 1
                    || sequences > Long.SIZE
                    || (sequences < Long.SIZE && presence >>> sequences != 0)
                    || (labelled & ~1) != 0
                    || (labelled == 0 && foreground > 0)) {
                throw new InvalidFileException(file, "its header has impossible extents");
            }
            // Below 2^62, for x * y is below 2^31.
            long voxels = (long) x * y * z;
            double expected = HEADER + (4.0 * Long.bitCount(presence) + labelled) * voxels + 4.0 * foreground;
            if (length != expected) {
                throw new InvalidFileException(
                        file, "has " + length + " bytes instead of " + String.format(Locale.ROOT, "%.0f", expected));
            }
            return new SampleHeader(
                    new Size(x, y, z), sequences, foreground, presence, labelled == 1, header.getInt(at + 32));
        }

        Sample sample(String subject, ByteBuffer bytes) {
            int imageBytes = Float.BYTES * size.voxels();
            List<Optional<FloatBuffer>> images = new ArrayList<>();
            int positions = HEADER;
            for (int c = 0; c < sequences; c++) {
                if ((presence >>> c & 1) == 0) {
                    images.add(Optional.empty());
                } else {
                    images.add(Optional.of(part(bytes, positions, imageBytes).asFloatBuffer()));
                    positions += imageBytes;
                }
            }
            return new Sample(
                    subject,
                    size,
                    images,
                    labelled
                            ? Optional.of(part(bytes, positions + Integer.BYTES * foreground, size.voxels()))
                            : Optional.empty(),
                    part(bytes, positions, Integer.BYTES * foreground).asIntBuffer());
        }
    }

    private static ByteBuffer part(ByteBuffer bytes, int start, int length) {
        return bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
