package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * An opened file: the header read and checked, and the promise of voxels held against the length of the file before room
 * for any of them is made. The voxels are read once, from front to back.
 */
final class NiftiFile implements AutoCloseable {
    /** Receives decoded voxels, chunk by chunk; the array is used again for the next. */
    @FunctionalInterface
    interface DoubleConsumer {
        void accept(double[] values, int count);
    }

    /** Extensions of a header seldom have more than some kilobytes. */
    private static final long MOST_BEFORE_VOXELS = 1 << 26;

    private final Path file;
    private final NiftiHeader header;
    private final Path dataFile;
    private final ByteSource data;
    private final VoxelDecoder decoder;
    private final byte[] raw;

    private NiftiFile(Path file, NiftiHeader header, Path dataFile, ByteSource data) {
        this.file = file;
        this.header = header;
        this.dataFile = dataFile;
        this.data = data;
        this.decoder = new VoxelDecoder(header);
        this.raw = new byte[VoxelDecoder.CHUNK * header.datatype().bytes()];
    }

    /** Opens a file of any of the names: {@code .nii}, {@code .hdr}, {@code .img}, each also with {@code .gz}. */
    static NiftiFile open(Path file) {
        Path headerFile = NiftiPath.header(file);
        ByteSource source = ByteSource.open(headerFile);
        try {
            byte[] start = new byte[HeaderLayout.LONGEST];
            int length = source.read(start, 0, start.length);
            NiftiHeader header = HeaderReader.read(headerFile, Arrays.copyOf(start, length));
            source.close();
            Path dataFile = header.pair() ? NiftiPath.data(headerFile) : headerFile;
            source = ByteSource.open(dataFile);
            NiftiFile opened = new NiftiFile(headerFile, header, dataFile, source);
            opened.checkPromise();
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

    List<Path> files() {
        return dataFile.equals(file) ? List.of(file) : List.of(file, dataFile);
    }

    private long frameBytes() {
        return header.voxelsPerFrame() * header.datatype().bytes();
    }

    private void checkPromise() {
        if (header.voxOffset() > MOST_BEFORE_VOXELS) {
            throw new InvalidFileException(
                    file,
                    "broken NIfTI header: vox_offset is " + header.voxOffset() + "; at most " + MOST_BEFORE_VOXELS
                            + " bytes may stand before the voxels");
        }
        long needed = header.voxOffset() + header.voxels() * header.datatype().bytes();
        if (needed < 0 || needed > data.capacity() || !data.holds(needed)) {
            throw new InvalidFileException(
                    dataFile,
                    "the header promises " + header.voxels() + " voxels of " + header.datatype() + " (" + needed
                            + " bytes with what stands before them) but the file holds fewer bytes; it was cut short or its"
                            + " header is broken");
        }
    }

    /** The voxels of one 3-D image. */
    float[] readFrame(int frame) {
        requireReadable();
        if (frame < 0 || frame >= header.frames()) {
            throw new InvalidFileException(
                    file, "has " + header.frames() + " image(s), numbered from 0; there is no image " + frame);
        }
        float[] voxels = allocate();
        skip(header.voxOffset() + frame * frameBytes());
        fill(voxels);
        skip((header.frames() - 1 - frame) * frameBytes());
        data.finish();
        return voxels;
    }

    /** The voxels of all 3-D images, in their order. */
    List<float[]> readFrames() {
        requireReadable();
        if (header.frames() > Runtime.getRuntime().maxMemory() / Float.BYTES / header.voxelsPerFrame()) {
            throw tooLarge(header.voxels());
        }
        float[][] frames = new float[(int) header.frames()][];
        skip(header.voxOffset());
        for (int i = 0; i < frames.length; i++) {
            frames[i] = allocate();
            fill(frames[i]);
        }
        data.finish();
        return List.of(frames);
    }

    /** Passes all voxels of the file to a consumer, in file order. */
    void forEach(DoubleConsumer consumer) {
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

    /** Reads all bytes, so that a broken file is found even where its voxels are of no readable type. */
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
        int wanted = count * header.datatype().bytes();
        if (data.read(raw, 0, wanted) < wanted) {
            throw cutShort();
        }
    }

    private void skip(long bytes) {
        if (!data.skip(bytes)) {
            throw cutShort();
        }
    }

    private InvalidFileException cutShort() {
        return new InvalidFileException(dataFile, "ends before the last voxel; fetch the file again");
    }

    private float[] allocate() {
        long count = header.voxelsPerFrame();
        if (count > Integer.MAX_VALUE - 8 || count > Runtime.getRuntime().maxMemory() / Float.BYTES) {
            throw tooLarge(count);
        }
        try {
            return new float[(int) count];
        } catch (OutOfMemoryError e) {
            // One array was too large for what is left; nothing else is harmed, and the caller can act on the message.
            throw tooLarge(count);
        }
    }

    private InvalidFileException tooLarge(long voxels) {
        return new InvalidFileException(
                file,
                String.format(
                        Locale.ROOT,
                        "its %d voxels do not fit into the memory of this Java (%d MiB); give it more with -Xmx",
                        voxels,
                        Runtime.getRuntime().maxMemory() >> 20));
    }

    @Override
    public void close() {
        data.close();
    }
}
