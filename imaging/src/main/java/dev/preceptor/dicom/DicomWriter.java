package dev.preceptor.dicom;

import dev.preceptor.base.AtomicFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Writes data sets as DICOM files (PS3.10) in explicit VR little endian: preamble, meta group, elements ascending, sequences of
 * defined length, even lengths. Elements of groups 0000 and 0002 in the data set are left out. Stateless, thread-safe.
 */
public final class DicomWriter {
    /** Identifies this library as the writer of a file. */
    static final String IMPLEMENTATION = "2.25.267336012906430917180963180021893327451";

    private static final int LONGEST_SHORT = 0xFFFE;

    private DicomWriter() {}

    /** A new UID: {@code 2.25.} and a random UUID as a number (PS3.5, B.2). */
    public static String newUid() {
        return uid(UUID.randomUUID());
    }

    /** The UID of a UUID. */
    public static String uid(UUID uuid) {
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
        return "2.25." + new BigInteger(1, bytes);
    }

    /** Writes a data set without pixels, or with native ones, completely or not at all. */
    public static void write(Path target, DataSet dataSet) {
        write(target, dataSet, TransferSyntax.EXPLICIT_LITTLE_ENDIAN);
    }

    /**
     * Writes a data set completely or not at all.
     *
     * @param dataSet with {@link Tag#SOP_CLASS} and {@link Tag#SOP_INSTANCE}; its pixels, if any, coded as the transfer syntax says
     * @param syntax explicit VR little endian, or one that encapsulates pixels
     * @throws dev.preceptor.base.PreceptorException if the file cannot be written
     * @throws IllegalArgumentException if the data set has no SOP class or instance, or a short element is too long
     */
    public static void write(Path target, DataSet dataSet, TransferSyntax syntax) {
        AtomicFiles.write(target, out -> write(out, dataSet, syntax));
    }

    /** Writes the bytes of such a file to a stream, which stays open. */
    public static void write(OutputStream out, DataSet dataSet, TransferSyntax syntax) throws IOException {
        if (!syntax.isEncapsulated() && syntax != TransferSyntax.EXPLICIT_LITTLE_ENDIAN) {
            throw new IllegalArgumentException("files are not written in " + syntax);
        }
        out.write(new byte[128]);
        out.write("DICM".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream meta = new ByteArrayOutputStream();
        DataSet elements = DataSet.builder()
                .value(Tag.FILE_META_VERSION, Vr.OB, new byte[] {0, 1})
                .text(Tag.MEDIA_STORAGE_SOP_CLASS, required(dataSet, Tag.SOP_CLASS))
                .text(Tag.MEDIA_STORAGE_SOP_INSTANCE, required(dataSet, Tag.SOP_INSTANCE))
                .text(Tag.TRANSFER_SYNTAX, syntax.uid())
                .text(Tag.IMPLEMENTATION_CLASS, IMPLEMENTATION)
                .text(Tag.IMPLEMENTATION_VERSION, "PRECEPTOR")
                .build();
        elements(meta, elements, true);
        elements(
                out,
                DataSet.builder().integers(Tag.FILE_META_LENGTH, meta.size()).build(),
                true);
        meta.writeTo(out);
        elements(out, dataSet, false);
    }

    private static String required(DataSet dataSet, Tag tag) {
        return dataSet.text(tag).orElseThrow(() -> new IllegalArgumentException("the data set has no " + tag));
    }

    private static void elements(OutputStream out, DataSet dataSet, boolean meta) throws IOException {
        for (Element element : dataSet.elements()) {
            int group = element.tag() >>> 16;
            if (meta || group != 0 && group != 2) {
                element(out, element);
            }
        }
    }

    private static void element(OutputStream out, Element element) throws IOException {
        if (element instanceof Element.Items sequence) {
            header(out, element.tag(), Vr.SQ, length(element));
            for (DataSet item : sequence.items()) {
                item(out, length(item));
                elements(out, item, false);
            }
        } else if (element instanceof Element.Fragments pixels) {
            header(out, element.tag(), Vr.OB, DataSetReader.UNDEFINED);
            item(out, 0);
            for (byte[] fragment : pixels.fragments()) {
                item(out, even(fragment.length));
                padded(out, fragment, (byte) 0);
            }
            delimiter(out, DataSetReader.SEQUENCE_END, 0);
        } else if (element instanceof Element.Value value) {
            header(out, value.tag(), value.vr(), even(value.bytes().length));
            padded(out, value.bytes(), value.vr().padding());
        }
    }

    /** The length of the value as written. */
    private static long length(Element element) {
        long length = 0;
        if (element instanceof Element.Items sequence) {
            for (DataSet item : sequence.items()) {
                length += 8 + length(item);
            }
        } else if (element instanceof Element.Fragments pixels) {
            length = 16;
            for (byte[] fragment : pixels.fragments()) {
                length += 8 + even(fragment.length);
            }
        } else if (element instanceof Element.Value value) {
            length = even(value.bytes().length);
        }
        return length;
    }

    private static long length(DataSet item) {
        long length = 0;
        for (Element element : item.elements()) {
            int group = element.tag() >>> 16;
            if (group != 0 && group != 2) {
                length += (element.vr().hasLongLength() ? 12 : 8) + length(element);
            }
        }
        return length;
    }

    private static long even(long length) {
        return length + (length & 1);
    }

    private static void header(OutputStream out, int tag, Vr vr, long length) throws IOException {
        if (length > DataSetReader.UNDEFINED || !vr.hasLongLength() && length > LONGEST_SHORT) {
            throw new IllegalArgumentException(Tag.text(tag) + " has " + length + " bytes, too many for " + vr);
        }
        ByteBuffer header = ByteBuffer.allocate(vr.hasLongLength() ? 12 : 8).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort((short) (tag >>> 16)).putShort((short) tag);
        header.put(vr.name().getBytes(StandardCharsets.US_ASCII));
        if (vr.hasLongLength()) {
            header.putShort((short) 0).putInt((int) length);
        } else {
            header.putShort((short) length);
        }
        out.write(header.array());
    }

    private static void item(OutputStream out, long length) throws IOException {
        delimiter(out, DataSetReader.ITEM, length);
    }

    private static void delimiter(OutputStream out, int tag, long length) throws IOException {
        if (length >= DataSetReader.UNDEFINED) {
            throw new IllegalArgumentException("an item of " + length + " bytes is too long");
        }
        ByteBuffer header = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort((short) (tag >>> 16)).putShort((short) tag).putInt((int) length);
        out.write(header.array());
    }

    private static void padded(OutputStream out, byte[] bytes, byte padding) throws IOException {
        out.write(bytes);
        if ((bytes.length & 1) == 1) {
            out.write(padding);
        }
    }
}
