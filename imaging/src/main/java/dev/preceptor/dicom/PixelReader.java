package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pixels of one open file, read piece by piece: native bytes by their place, encapsulated ones by frame. Those of a deflated
 * file are held in memory. Not thread-safe.
 */
public final class PixelReader implements Closeable {
    private static final int MAX_FRAGMENTS = 4_000_000;

    private final Path file;
    private final DataSetReader.PixelPlace place;
    private final FileChannel channel;
    private final byte[] inflated;
    private final boolean bigEndian;
    private final List<Fragment> fragments;
    private final long[] offsets;

    private record Fragment(long item, long offset, int length) {}

    private PixelReader(
            Path file,
            DataSetReader.PixelPlace place,
            FileChannel channel,
            byte[] inflated,
            boolean bigEndian,
            FragmentTable table) {
        this.file = file;
        this.place = place;
        this.channel = channel;
        this.inflated = inflated;
        this.bigEndian = bigEndian;
        this.fragments = table.fragments;
        this.offsets = table.offsets;
    }

    private record FragmentTable(List<Fragment> fragments, long[] offsets) {}

    static PixelReader open(DicomFile file, DataSetReader.PixelPlace place, long promised) throws IOException {
        Path path = file.path();
        String syntax = file.transferSyntaxUid();
        FragmentTable none = new FragmentTable(List.of(), new long[0]);
        if (syntax.equals(TransferSyntax.DEFLATED.uid())) {
            if (place.length() == DataSetReader.UNDEFINED) {
                throw new InvalidFileException(path, "has encapsulated pixels in a deflated data set");
            }
            if (place.length() < promised) {
                throw new InvalidFileException(path, lacking(place.length(), promised));
            }
            return new PixelReader(path, place, null, inflate(path, place, promised), false, none);
        }
        FileChannel channel = FileChannel.open(path);
        try {
            FragmentTable table = place.length() == DataSetReader.UNDEFINED ? table(path, channel, place) : none;
            boolean big = syntax.equals(TransferSyntax.EXPLICIT_BIG_ENDIAN.uid());
            return new PixelReader(path, place, channel, null, big, table);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static String lacking(long length, long promised) {
        return "has " + length + " bytes of pixels where its header promises " + promised
                + ": it is truncated or damaged; fetch it again";
    }

    private static byte[] inflate(Path path, DataSetReader.PixelPlace place, long promised) {
        try (DicomInput in = DicomInput.open(path)) {
            if (in.peek(132).length == 132 && in.peek(132)[128] == 'D') {
                in.skip(132);
            }
            new DataSetReader(in, true).meta();
            in.inflate();
            in.skip(place.offset());
            return in.bytes(promised);
        }
    }

    private static FragmentTable table(Path path, FileChannel channel, DataSetReader.PixelPlace place)
            throws IOException {
        List<Fragment> fragments = new ArrayList<>();
        long size = channel.size();
        long at = place.offset();
        while (fragments.size() <= MAX_FRAGMENTS) {
            ByteBuffer header = read(path, channel, at, 8);
            int tag = (header.getShort() & 0xFFFF) << 16 | header.getShort() & 0xFFFF;
            long length = header.getInt() & 0xFFFFFFFFL;
            if (tag == DataSetReader.SEQUENCE_END) {
                break;
            }
            if (tag != DataSetReader.ITEM || length > size - at - 8 || length > Integer.MAX_VALUE - 16) {
                throw new InvalidFileException(
                        path, "has no whole fragment of its pixels at byte " + at + ": it is truncated or damaged");
            }
            fragments.add(new Fragment(at, at + 8, (int) length));
            at += 8 + length;
        }
        if (fragments.isEmpty() || fragments.size() > MAX_FRAGMENTS) {
            throw new InvalidFileException(path, "has " + fragments.size() + " fragments of pixels");
        }
        Fragment first = fragments.get(0);
        ByteBuffer stored = read(path, channel, first.offset, first.length);
        long[] offsets = new long[first.length / 4];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = stored.getInt() & 0xFFFFFFFFL;
        }
        return new FragmentTable(fragments.subList(1, fragments.size()), offsets);
    }

    private static ByteBuffer read(Path path, FileChannel channel, long at, int length) throws IOException {
        if (length > channel.size() - at) {
            throw new InvalidFileException(path, "ends within its pixels: it is truncated; fetch it again");
        }
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new InvalidFileException(path, "ends within its pixels: it is truncated; fetch it again");
            }
        }
        return buffer.flip();
    }

    /** Whether the pixels come in fragments; then frames are coded, else {@link #bytes} gives them as they are. */
    public boolean isEncapsulated() {
        return place.length() == DataSetReader.UNDEFINED;
    }

    /** The number of native bytes, of a deflated file those that are promised; 0 for encapsulated pixels. */
    public long length() {
        if (isEncapsulated()) {
            return 0;
        }
        return inflated == null ? place.length() : inflated.length;
    }

    /**
     * Native bytes, numbers of more than a byte in little-endian order.
     *
     * @param from the first byte, from 0; even
     * @param count how many
     * @throws InvalidFileException if the file has fewer
     */
    public byte[] bytes(long from, int count) {
        if (from + count > length()) {
            throw new InvalidFileException(file, lacking(length(), from + count));
        }
        if (inflated != null) {
            byte[] bytes = new byte[count];
            System.arraycopy(inflated, (int) from, bytes, 0, count);
            return bytes;
        }
        byte[] bytes = stored(place.offset() + from, count);
        if (bigEndian) {
            DataSetReader.reverse(bytes, place.vr().width());
        }
        return bytes;
    }

    /**
     * The coded bytes of a frame: those of all fragments for a single frame; one fragment each, or as the offset table says.
     *
     * @param index the frame, from 0
     * @param frames how many the header promises
     * @throws InvalidFileException if fragments and frames do not match
     */
    public byte[] frame(int index, int frames) {
        int from;
        int to;
        if (frames == 1) {
            from = 0;
            to = fragments.size();
        } else if (fragments.size() == frames) {
            from = index;
            to = index + 1;
        } else if (offsets.length == frames) {
            from = fragmentAt(offsets[index]);
            to = index + 1 == frames ? fragments.size() : fragmentAt(offsets[index + 1]);
        } else {
            throw new InvalidFileException(
                    file,
                    "has " + fragments.size() + " fragments for " + frames
                            + " frames and no offset table that assigns them; convert it with gdcmconv");
        }
        long length = 0;
        for (int i = from; i < to; i++) {
            length += fragments.get(i).length;
        }
        if (to <= from || length > Integer.MAX_VALUE - 16) {
            throw new InvalidFileException(file, "has no pixels for frame " + (index + 1));
        }
        byte[] coded = new byte[(int) length];
        int at = 0;
        for (Fragment fragment : fragments.subList(from, to)) {
            byte[] bytes = stored(fragment.offset, fragment.length);
            System.arraycopy(bytes, 0, coded, at, bytes.length);
            at += bytes.length;
        }
        return coded;
    }

    private int fragmentAt(long offset) {
        int low = 0;
        int high = fragments.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long at = fragments.get(middle).item - fragments.get(0).item;
            if (at == offset) {
                return middle;
            }
            if (at < offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        throw new InvalidFileException(file, "has an offset table that points between its fragments");
    }

    private byte[] stored(long at, int length) {
        try {
            return read(file, channel, at, length).array();
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + Reason.of(e), e);
        }
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be closed: " + Reason.of(e), e);
        }
    }
}
