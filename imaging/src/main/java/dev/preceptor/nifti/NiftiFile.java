package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * An open NIfTI file. Its header is checked, and the declared number of voxels is compared with the length of the file
 * before any are allocated. Voxels are read once, from front to back.
 */
final class NiftiFile implements AutoCloseable {
    /** Receives decoded voxels in chunks; the array is reused for the next chunk. */
    @FunctionalInterface
    interface VoxelConsumer {
        void accept(double[] values, int count);
    }

    /** The largest accepted voxel offset in bytes; header extensions rarely exceed some kilobytes. */
    private static final long MAX_OFFSET = 1 << 26;

    private static final float[] NONE = {};

    private final Path file;
    private final NiftiHeader header;
    private final Path dataFile;
    private final ByteSource data;
    /** The bytes that were read from {@code data} for the header; none of a pair. */
    private final byte[] start;

    private final VoxelDecoder decoder;
    private final byte[] raw;
    private int startAt;

    private NiftiFile(Path file, NiftiHeader header, Path dataFile, ByteSource data, byte[] start) {
        this.file = file;
        this.header = header;
        this.dataFile = dataFile;
        this.data = data;
        this.start = start;
        this.decoder = new VoxelDecoder(header);
        this.raw = new byte[VoxelDecoder.CHUNK * header.datatype().bytes()];
    }

    /** Opens a file of any of the names {@code .nii}, {@code .hdr}, {@code .img}, each also with {@code .gz}. */
    static NiftiFile open(Path file) {
        Path headerFile = NiftiPath.header(file);
        ByteSource source = ByteSource.open(headerFile);
        try {
            byte[] start = new byte[HeaderLayout.LONGEST];
            start = Arrays.copyOf(start, source.read(start, 0, start.length));
            NiftiHeader header = HeaderReader.read(headerFile, start);
            Path dataFile = headerFile;
            if (header.pair()) {
                source.close();
                dataFile = NiftiPath.data(headerFile);
                source = ByteSource.open(dataFile);
                start = new byte[0];
            }
            NiftiFile opened = new NiftiFile(headerFile, header, dataFile, source, start);
            opened.checkLength();
            source = null;
            return opened;
        } finally {
            if (source != null) {
                source.close();
            }
        }
    }

    NiftiHeader header() {
        return header;
    }

    private long frameBytes() {
        return header.voxelsPerFrame() * header.datatype().bytes();
    }

    private void checkLength() {
        if (header.voxOffset() > MAX_OFFSET) {
            throw new InvalidFileException(
                    file,
                    "broken NIfTI header: vox_offset is " + header.voxOffset() + "; at most " + MAX_OFFSET
                            + " bytes may precede the voxels");
        }
        long needed = header.voxOffset() + header.voxels() * header.datatype().bytes();
        if (needed < 0 || needed > data.capacity() || !data.holds(needed)) {
            throw new InvalidFileException(
                    dataFile,
                    "the header declares " + header.voxels() + " voxels of " + header.datatype() + " (" + needed
                            + " bytes including the header) but the file contains fewer bytes; it is truncated or its"
                            + " header is damaged");
        }
    }

    /** The voxels of all 3-D images in file order. */
    List<float[]> readFrames() {
        requireMemory(header.frames());
        return readFrames(IntStream.range(0, (int) header.frames()).boxed().toList());
    }

    /** The voxels of some 3-D images in the given order, from one pass through the file. */
    List<float[]> readFrames(List<Integer> frames) {
        requireReadable();
        for (int frame : frames) {
            if (frame < 0 || frame >= header.frames()) {
                throw new InvalidFileException(
                        file, "has " + header.frames() + " image(s), numbered from 0; there is no image " + frame);
            }
        }
        requireMemory(frames.size());
        Map<Integer, float[]> voxels = new TreeMap<>();
        frames.forEach(frame -> voxels.put(frame, NONE));
        skip(header.voxOffset());
        int next = 0;
        for (Map.Entry<Integer, float[]> entry : voxels.entrySet()) {
            entry.setValue(allocate());
            skip((entry.getKey() - next) * frameBytes());
            fill(entry.getValue());
            next = entry.getKey() + 1;
        }
        skip((header.frames() - next) * frameBytes());
        data.finish();
        return frames.stream().map(voxels::get).toList();
    }

    private void requireMemory(long frames) {
        requireReadable();
        if (frames > Runtime.getRuntime().maxMemory() / Float.BYTES / header.voxelsPerFrame()) {
            throw tooLarge(frames * header.voxelsPerFrame());
        }
    }

    /** Passes all voxels of the file to a consumer, in file order. */
    void forEach(VoxelConsumer consumer) {
        requireReadable();
        double[] values = new double[VoxelDecoder.CHUNK];
        skip(header.voxOffset());
        for (long done = 0; done < header.voxels(); ) {
            int count = (int) Math.min(VoxelDecoder.CHUNK, header.voxels() - done);
            readRaw(count);
            decoder.toDoubles(raw, count, values);
            consumer.accept(values, count);
            done += count;
        }
        data.finish();
    }

    /** Reads all bytes, so that damage is found even if the voxels cannot be decoded. */
    void verify() {
        skip(header.voxOffset());
        skip(header.voxels() * header.datatype().bytes());
        data.finish();
    }

    void requireReadable() {
        if (!header.datatype().isReadable()) {
            throw new InvalidFileException(
                    file, "its voxels are " + header.datatype() + ", not real numbers; convert it to float32 first");
        }
    }

    private void fill(float[] voxels) {
        for (int done = 0; done < voxels.length; ) {
            int count = Math.min(VoxelDecoder.CHUNK, voxels.length - done);
            readRaw(count);
            decoder.toFloats(raw, count, voxels, done);
            done += count;
        }
    }

    private void readRaw(int count) {
        int length = count * header.datatype().bytes();
        int kept = Math.min(length, start.length - startAt);
        System.arraycopy(start, startAt, raw, 0, kept);
        startAt += kept;
        if (data.read(raw, kept, length - kept) < length - kept) {
            throw truncated();
        }
    }

    private void skip(long bytes) {
        int kept = (int) Math.min(bytes, start.length - startAt);
        startAt += kept;
        if (!data.skip(bytes - kept)) {
            throw truncated();
        }
    }

    private InvalidFileException truncated() {
        return new InvalidFileException(dataFile, "ends before the last voxel; download the file again");
    }

    private float[] allocate() {
        return allocate(Float.BYTES, float[]::new);
    }

    /** One byte for each voxel of an image, all 0. */
    byte[] allocateLabels() {
        return allocate(Byte.BYTES, byte[]::new);
    }

    private <T> T allocate(int bytes, IntFunction<T> array) {
        long count = header.voxelsPerFrame();
        if (count > Integer.MAX_VALUE - 8 || count > Runtime.getRuntime().maxMemory() / bytes) {
            throw tooLarge(count);
        }
        try {
            return array.apply((int) count);
        } catch (OutOfMemoryError e) {
            // Only this one allocation failed; the program can continue, and the caller can act on the message.
            throw tooLarge(count);
        }
    }

    private InvalidFileException tooLarge(long voxels) {
        return new InvalidFileException(
                file,
                String.format(
                        Locale.ROOT,
                        "its %d voxels do not fit into the heap of Java (%d MiB); enlarge it with -Xmx",
                        voxels,
                        Runtime.getRuntime().maxMemory() >> 20));
    }

    @Override
    public void close() {
        data.close();
    }
}
