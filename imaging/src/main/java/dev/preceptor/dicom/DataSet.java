package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A DICOM data set: elements in ascending order of their tags. Immutable and thread-safe.
 *
 * <pre>{@code
 * DataSet code = DataSet.builder()
 *         .text(Tag.CODE_VALUE, "79654002")
 *         .text(Tag.CODING_SCHEME, "SCT")
 *         .text(Tag.CODE_MEANING, "Edema")
 *         .build();
 * String scheme = code.text(Tag.CODING_SCHEME).orElseThrow(); // SCT
 * }</pre>
 *
 * <p>An accessor gives nothing for an absent or empty element. A value that is not what its accessor asks for, such as letters where
 * numbers belong, is an {@link InvalidFileException} if the data set was read from a file, else a {@link PreceptorException}.
 */
public final class DataSet {
    private final SortedMap<Integer, Element> elements;
    private final Charset charset;
    private final Path source;

    DataSet(SortedMap<Integer, Element> elements, Charset charset, Path source) {
        this.elements = Collections.unmodifiableSortedMap(elements);
        this.charset = charset;
        this.source = source;
    }

    static SortedMap<Integer, Element> newElements() {
        return new TreeMap<>(Integer::compareUnsigned);
    }

    /** A builder without elements. */
    public static DataSetBuilder builder() {
        return new DataSetBuilder();
    }

    /** All elements, ascending by tag. */
    public Collection<Element> elements() {
        return elements.values();
    }

    Charset charset() {
        return charset;
    }

    /** The element of a tag, as stored. */
    public Optional<Element> element(Tag tag) {
        return Optional.ofNullable(elements.get(tag.code()));
    }

    /** Whether the element is present, even if it is empty. */
    public boolean contains(Tag tag) {
        return elements.containsKey(tag.code());
    }

    /** The first value as a text without the blanks around it. */
    public Optional<String> text(Tag tag) {
        List<String> all = texts(tag);
        return all.isEmpty() || all.get(0).isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }

    /** All values as texts without the blanks around them; empty values in between are empty texts. */
    public List<String> texts(Tag tag) {
        if (!(elements.get(tag.code()) instanceof Element.Value value)) {
            return List.of();
        }
        Vr vr = value.vr() == Vr.UN ? tag.vr() : value.vr();
        if (!vr.isText()) {
            return wrong(tag, "is not a text");
        }
        String whole = CharacterSets.decode(value.bytes(), vr, charset).strip();
        if (whole.isEmpty()) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (String one : vr.hasSeveralValues() ? whole.split("\\\\", -1) : new String[] {whole}) {
            texts.add(one.strip());
        }
        return texts;
    }

    /** The first value as an integer. */
    public OptionalInt integer(Tag tag) {
        int[] all = integers(tag);
        return all.length == 0 ? OptionalInt.empty() : OptionalInt.of(all[0]);
    }

    /** All values as integers of 32 bits, unsigned ones beyond 2^31 refused. */
    public int[] integers(Tag tag) {
        double[] decimals = decimals(tag);
        int[] integers = new int[decimals.length];
        for (int i = 0; i < decimals.length; i++) {
            integers[i] = (int) decimals[i];
            if (integers[i] != decimals[i]) {
                return wrong(tag, "is not a whole number of 32 bits");
            }
        }
        return integers;
    }

    /** All values as numbers, of a text or of a binary value representation; all finite. */
    public double[] decimals(Tag tag) {
        if (!(elements.get(tag.code()) instanceof Element.Value value)) {
            return new double[0];
        }
        Vr vr = value.vr() == Vr.UN ? tag.vr() : value.vr();
        double[] numbers;
        if (vr.isText()) {
            List<String> texts = texts(tag);
            numbers = new double[texts.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = number(tag, texts.get(i));
            }
        } else {
            numbers = binary(tag, vr, value.bytes());
        }
        for (double number : numbers) {
            if (!Double.isFinite(number)) {
                return wrong(tag, "is not a finite number");
            }
        }
        return numbers;
    }

    private double number(Tag tag, String text) {
        // Double.parseDouble takes "1d" and hexadecimal numbers, which PS3.5 does not know.
        if (text.length() > 64 || !text.matches("[-+0-9.eE]+")) {
            return wrong(tag, "is not a number");
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return wrong(tag, "is not a number");
        }
    }

    private double[] binary(Tag tag, Vr vr, byte[] bytes) {
        int width = vr.width();
        if (width == 0 || bytes.length % width != 0) {
            return wrong(tag, "has " + bytes.length + " bytes, not a number of its kind");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        double[] numbers = new double[bytes.length / width];
        for (int i = 0; i < numbers.length; i++) {
            int at = i * width;
            numbers[i] = switch (vr) {
                case US -> buffer.getShort(at) & 0xFFFF;
                case SS -> buffer.getShort(at);
                case UL -> buffer.getInt(at) & 0xFFFFFFFFL;
                case SL -> buffer.getInt(at);
                case FL -> buffer.getFloat(at);
                case FD -> buffer.getDouble(at);
                case AT -> (buffer.getShort(at) & 0xFFFF);
                default -> this.<Double>wrong(tag, "has the value representation " + vr + ", which holds no numbers");
            };
        }
        return numbers;
    }

    /** The data sets of a sequence, in order; none if it is absent. */
    public List<DataSet> items(Tag tag) {
        Element element = elements.get(tag.code());
        if (element == null || element instanceof Element.Value value && value.bytes().length == 0) {
            return List.of();
        }
        return element instanceof Element.Items items ? items.items() : wrong(tag, "is not a sequence");
    }

    /** The first data set of a sequence. */
    public Optional<DataSet> item(Tag tag) {
        return items(tag).stream().findFirst();
    }

    /** The error of a value, which is not quoted: it might be a patient's. */
    private <T> T wrong(Tag tag, String problem) {
        throw error(tag + " " + problem);
    }

    /** The error of this data set: of its file, if it has one. */
    PreceptorException error(String problem) {
        return source == null ? new PreceptorException(problem) : new InvalidFileException(source, problem);
    }
}
