package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Reads the data set of one file up to its pixels (PS3.5, section 7). Elements of group 0000, which belong to messages, and group
 * lengths are left out; so are values of more than 16 MiB outside pixel data, which no field of a header has. Not thread-safe.
 */
final class DataSetReader {
    static final long UNDEFINED = 0xFFFFFFFFL;
    static final int ITEM = 0xFFFEE000;
    static final int ITEM_END = 0xFFFEE00D;
    static final int SEQUENCE_END = 0xFFFEE0DD;

    private static final int DEEPEST = 32;
    private static final int MOST_ELEMENTS = 4_000_000;
    private static final long LARGEST_VALUE = 16L << 20;
    private static final long LARGEST_HEADER = 256L << 20;

    private final DicomInput in;
    private boolean explicit;
    private int count;
    private long held;

    DataSetReader(DicomInput in, boolean explicit) {
        this.in = in;
        this.explicit = explicit;
    }

    /** Where the pixels of a file are, in the bytes after inflation. */
    record PixelPlace(int tag, Vr vr, long offset, long length) {}

    /** A header and where the pixels are; null if there are none. */
    record Header(DataSet dataSet, PixelPlace pixels) {}

    private record Start(int tag, Vr vr, long length) {}

    Header header() {
        SortedMap<Integer, Element> elements = DataSet.newElements();
        while (!in.isAtEnd()) {
            Start start = start();
            if (start.tag == Tag.PIXEL_DATA.code()
                    || start.tag == Tag.FLOAT_PIXEL_DATA.code()
                    || start.tag == Tag.DOUBLE_PIXEL_DATA.code()) {
                if (start.length != UNDEFINED && start.length > in.end() - in.position()) {
                    throw damaged("states " + start.length + " bytes of pixels, but has only "
                            + (in.end() - in.position()) + ": it is truncated; fetch it again");
                }
                PixelPlace place = new PixelPlace(start.tag, start.vr, in.position(), start.length);
                return new Header(dataSet(elements, StandardCharsets.ISO_8859_1), place);
            }
            add(elements, start, in.end(), 0, StandardCharsets.ISO_8859_1);
        }
        return new Header(dataSet(elements, StandardCharsets.ISO_8859_1), null);
    }

    /** The elements of group 0002 in front of the data set. */
    DataSet meta() {
        SortedMap<Integer, Element> elements = DataSet.newElements();
        for (byte[] next = in.peek(2); next.length == 2 && next[0] == 2 && next[1] == 0; next = in.peek(2)) {
            add(elements, start(), in.end(), 0, StandardCharsets.ISO_8859_1);
        }
        return dataSet(elements, StandardCharsets.ISO_8859_1);
    }

    private DataSet dataSet(SortedMap<Integer, Element> elements, Charset outer) {
        return new DataSet(elements, CharacterSets.within(elements, outer), in.file());
    }

    private Start start() {
        if (++count > MOST_ELEMENTS) {
            throw damaged("holds more than " + MOST_ELEMENTS + " elements");
        }
        int tag = in.tag();
        if (tag >>> 16 == 0xFFFE) {
            return new Start(tag, Vr.UN, in.unsigned32());
        }
        Vr known = Tag.of(tag).map(Tag::vr).orElse(Vr.UN);
        if (!explicit) {
            return new Start(tag, known, in.unsigned32());
        }
        char first = (char) in.unsigned8();
        char second = (char) in.unsigned8();
        if (!isLetter(first) || !isLetter(second)) {
            throw damaged("has no value representation at " + Tag.text(tag) + ", byte " + in.position()
                    + ": it is damaged or states the wrong transfer syntax; fetch it again");
        }
        Vr vr = Vr.of("" + first + second).orElse(Vr.UN);
        if (!vr.hasLongLength()) {
            return new Start(tag, vr, in.unsigned16());
        }
        in.unsigned16();
        return new Start(tag, vr, in.unsigned32());
    }

    private static boolean isLetter(char c) {
        return c >= 'A' && c <= 'Z';
    }

    /**
     * Reads the value of an element.
     *
     * @param end the first byte that no longer belongs to what holds the element
     */
    private void add(SortedMap<Integer, Element> elements, Start start, long end, int depth, Charset charset) {
        int tag = start.tag;
        if (tag >>> 16 == 0xFFFE) {
            throw damaged("has an item delimiter outside a sequence at byte " + in.position());
        }
        if (start.length != UNDEFINED && start.length > end - in.position()) {
            throw damaged("has an element " + Tag.text(tag) + " of " + start.length + " bytes where "
                    + (end - in.position()) + " remain: it is truncated or damaged; fetch it again");
        }
        Element element = element(start, end, depth, CharacterSets.within(elements, charset));
        if (element != null && tag >>> 16 != 0 && (tag & 0xFFFF) != 0) {
            elements.put(tag, element);
        }
    }

    /** The element; null for a value that is too large to be held. */
    private Element element(Start start, long end, int depth, Charset charset) {
        Vr known = Tag.of(start.tag).map(Tag::vr).orElse(Vr.UN);
        boolean unknown = start.vr == Vr.UN;
        boolean coded = start.length == UNDEFINED && (start.vr == Vr.OB || start.vr == Vr.OW);
        if (coded) {
            return new Element.Fragments(start.tag, fragments(end));
        }
        if (start.vr == Vr.SQ || start.length == UNDEFINED || unknown && known == Vr.SQ) {
            boolean wasExplicit = explicit;
            boolean wasBig = in.isBigEndian();
            if (unknown) {
                // PS3.5, 6.2.2: a sequence of unknown representation is implicit little endian inside.
                explicit = false;
                in.bigEndian(false);
            }
            List<DataSet> items = items(start.length, end, depth + 1, charset);
            explicit = wasExplicit;
            in.bigEndian(wasBig);
            return new Element.Items(start.tag, items);
        }
        if (start.length > LARGEST_VALUE) {
            in.skip(start.length);
            return null;
        }
        byte[] bytes = hold(start.length);
        Vr vr = unknown ? known : start.vr;
        if (in.isBigEndian()) {
            reverse(bytes, vr == Vr.AT ? 2 : vr.width());
        }
        return new Element.Value(start.tag, vr, bytes);
    }

    private byte[] hold(long length) {
        held += length;
        if (held > LARGEST_HEADER) {
            throw damaged("has a header of more than " + (LARGEST_HEADER >> 20) + " MiB");
        }
        return in.bytes(length);
    }

    private List<DataSet> items(long length, long end, int depth, Charset charset) {
        if (depth > DEEPEST) {
            throw damaged("nests sequences more than " + DEEPEST + " deep");
        }
        List<DataSet> items = new ArrayList<>();
        long stop = length == UNDEFINED ? end : in.position() + length;
        while (in.position() < stop) {
            Start start = itemStart();
            if (start.tag == SEQUENCE_END && length == UNDEFINED) {
                return items;
            }
            if (start.tag != ITEM) {
                throw damaged("has " + Tag.text(start.tag) + " where an item of a sequence belongs, at byte "
                        + in.position() + ": it is damaged; fetch it again");
            }
            items.add(item(start.length, stop, depth, charset));
        }
        if (length == UNDEFINED) {
            throw damaged("ends within a sequence: it is truncated; fetch it again");
        }
        return items;
    }

    private Start itemStart() {
        if (++count > MOST_ELEMENTS) {
            throw damaged("holds more than " + MOST_ELEMENTS + " elements");
        }
        return new Start(in.tag(), Vr.UN, in.unsigned32());
    }

    private DataSet item(long length, long end, int depth, Charset charset) {
        if (length != UNDEFINED && length > end - in.position()) {
            throw damaged("has an item of " + length + " bytes where " + (end - in.position())
                    + " remain: it is truncated or damaged; fetch it again");
        }
        long stop = length == UNDEFINED ? end : in.position() + length;
        SortedMap<Integer, Element> elements = DataSet.newElements();
        while (in.position() < stop) {
            Start start = start();
            if (start.tag == ITEM_END && length == UNDEFINED) {
                return dataSet(elements, charset);
            }
            add(elements, start, stop, depth, charset);
        }
        if (length == UNDEFINED) {
            throw damaged("ends within an item of a sequence: it is truncated; fetch it again");
        }
        return dataSet(elements, charset);
    }

    private List<byte[]> fragments(long end) {
        List<byte[]> fragments = new ArrayList<>();
        while (in.position() < end) {
            Start start = itemStart();
            if (start.tag == SEQUENCE_END) {
                return fragments.isEmpty() ? fragments : fragments.subList(1, fragments.size());
            }
            if (start.tag != ITEM || start.length == UNDEFINED) {
                throw damaged("has no fragment where one belongs, at byte " + in.position());
            }
            fragments.add(hold(start.length));
        }
        throw damaged("ends within encapsulated pixels: it is truncated; fetch it again");
    }

    static void reverse(byte[] bytes, int width) {
        for (int at = 0; width > 1 && at + width <= bytes.length; at += width) {
            for (int i = at, j = at + width - 1; i < j; i++, j--) {
                byte swapped = bytes[i];
                bytes[i] = bytes[j];
                bytes[j] = swapped;
            }
        }
    }

    private InvalidFileException damaged(String problem) {
        return new InvalidFileException(in.file(), problem);
    }
}
