package dev.preceptor.dicom;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Builds a data set. An element that is given twice keeps its last value. The value representation is that of the {@link Tag}. Not
 * thread-safe.
 */
public final class DataSetBuilder {
    private final SortedMap<Integer, Element> elements = DataSet.newElements();

    DataSetBuilder() {}

    /**
     * A text, or several values of one.
     *
     * @param values encoded in UTF-8: beyond ASCII they need {@link Tag#CHARACTER_SET} {@code ISO_IR 192}
     */
    public DataSetBuilder text(Tag tag, String... values) {
        require(tag, tag.vr().isText(), "a text");
        return value(tag, tag.vr(), String.join("\\", values).getBytes(StandardCharsets.UTF_8));
    }

    /** Integers of the tag's kind: binary, or decimal text for {@link Vr#IS}. */
    public DataSetBuilder integers(Tag tag, int... values) {
        if (tag.vr() == Vr.IS) {
            return text(tag, Arrays.stream(values).mapToObj(String::valueOf).toArray(String[]::new));
        }
        ByteBuffer buffer = ByteBuffer.allocate(
                        values.length * (tag.vr() == Vr.AT ? 4 : tag.vr().width()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            switch (tag.vr()) {
                case US, SS -> buffer.putShort((short) value);
                case UL, SL -> buffer.putInt(value);
                case AT -> buffer.putShort((short) (value >>> 16)).putShort((short) value);
                default -> require(tag, false, "integers");
            }
        }
        return value(tag, tag.vr(), buffer.array());
    }

    /** Finite numbers of the tag's kind; decimal texts have at most 16 characters, as PS3.5 demands. */
    public DataSetBuilder decimals(Tag tag, double... values) {
        if (tag.vr() == Vr.DS) {
            return text(tag, Arrays.stream(values).mapToObj(DecimalString::of).toArray(String[]::new));
        }
        ByteBuffer buffer =
                ByteBuffer.allocate(values.length * tag.vr().width()).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            switch (tag.vr()) {
                case FD -> buffer.putDouble(value);
                case FL -> buffer.putFloat((float) value);
                default -> require(tag, false, "decimals");
            }
        }
        return value(tag, tag.vr(), buffer.array());
    }

    /** Tags as the values of an attribute, such as {@link Tag#DIMENSION_INDEX_POINTER}. */
    public DataSetBuilder tags(Tag tag, Tag... values) {
        return integers(tag, Arrays.stream(values).mapToInt(Tag::code).toArray());
    }

    /** A value as bytes, numbers in little-endian order. */
    public DataSetBuilder value(Tag tag, Vr vr, byte[] bytes) {
        return element(new Element.Value(tag.code(), vr, bytes));
    }

    /** A sequence. */
    public DataSetBuilder items(Tag tag, List<DataSet> items) {
        require(tag, tag.vr() == Vr.SQ, "a sequence");
        return element(new Element.Items(tag.code(), items));
    }

    /** A sequence. */
    public DataSetBuilder items(Tag tag, DataSet... items) {
        return items(tag, List.of(items));
    }

    /** Encapsulated pixels, one fragment a frame. */
    public DataSetBuilder fragments(List<byte[]> frames) {
        return element(new Element.Fragments(Tag.PIXEL_DATA.code(), frames));
    }

    /** An element as it is. */
    public DataSetBuilder element(Element element) {
        elements.put(element.tag(), element);
        return this;
    }

    /** Copies the elements of another data set that are present there, byte for byte. */
    public DataSetBuilder copy(DataSet from, Tag... tags) {
        for (Tag tag : tags) {
            from.element(tag).ifPresent(this::element);
        }
        return this;
    }

    /** The data set of what was given so far. */
    public DataSet build() {
        SortedMap<Integer, Element> copy = new TreeMap<>(elements);
        return new DataSet(copy, CharacterSets.within(copy, StandardCharsets.UTF_8), null);
    }

    private static void require(Tag tag, boolean condition, String kind) {
        if (!condition) {
            throw new IllegalArgumentException(tag + " is not " + kind + " but " + tag.vr());
        }
    }
}
