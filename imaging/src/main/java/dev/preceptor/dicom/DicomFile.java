package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.NiftiName;
import dev.preceptor.base.Reason;
import dev.preceptor.base.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The header of a DICOM file (PS3.10), read without its pixels. Immutable and thread-safe.
 *
 * <p>Files without preamble or without meta group are read too, if their first element is of group 0002 or 0008.
 */
public final class DicomFile {
    private static final byte[] MAGIC = "DICM".getBytes(StandardCharsets.US_ASCII);
    private static final int PREAMBLE = 128;

    /** No image is coded better; what claims to is an attack on memory. */
    private static final long MAX_RATIO = 1024;

    private static final long ALWAYS_ALLOWED = 4L << 20;

    private final Path path;
    private final DataSet meta;
    private final DataSet dataSet;
    private final String syntax;
    private final DataSetReader.PixelPlace pixels;

    private DicomFile(Path path, DataSet meta, String syntax, DataSetReader.Header header) {
        this.path = path;
        this.meta = meta;
        this.syntax = syntax;
        this.dataSet = header.dataSet();
        this.pixels = header.pixels();
    }

    /**
     * Whether a file begins as DICOM files do: with {@code DICM} behind the preamble, or with an element of group 0002 or 0008.
     * Reads 132 bytes; a file that cannot be read is none. One that is named as a NIfTI file is none and is not opened.
     */
    public static boolean isDicom(Path file) {
        if (NiftiName.isWhole(file) || !Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(PREAMBLE + MAGIC.length);
            return hasMagic(start) || isBare(start);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads the header.
     *
     * @throws InvalidFileException if the file is no DICOM file, is damaged, or cannot be read
     */
    public static DicomFile read(Path file) {
        RegularFile.require(file);
        try (DicomInput in = DicomInput.open(file)) {
            return read(in);
        }
    }

    private static DicomFile read(DicomInput in) {
        byte[] start = in.peek(PREAMBLE + MAGIC.length);
        if (hasMagic(start)) {
            in.skip(PREAMBLE + MAGIC.length);
        } else if (!isBare(start)) {
            throw new InvalidFileException(
                    in.file(),
                    "is no DICOM file: it has neither DICM at byte 128 nor an element of a header at its start");
        }
        DataSet meta = new DataSetReader(in, isExplicit(in.peek(8))).meta();
        String syntax = meta.text(Tag.TRANSFER_SYNTAX).orElseGet(() -> bareSyntax(in.peek(8)));
        boolean explicit = !syntax.equals(TransferSyntax.IMPLICIT_LITTLE_ENDIAN.uid());
        if (syntax.equals(TransferSyntax.DEFLATED.uid())) {
            in.inflate();
        }
        in.bigEndian(syntax.equals(TransferSyntax.EXPLICIT_BIG_ENDIAN.uid()));
        return new DicomFile(in.file(), meta, syntax, new DataSetReader(in, explicit).header());
    }

    private static boolean hasMagic(byte[] start) {
        return start.length == PREAMBLE + MAGIC.length
                && Arrays.equals(start, PREAMBLE, PREAMBLE + MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /**
     * Whether a file without preamble starts with the first element of a header; the numbers of PS3.5's groups are small, so bytes tell the
     * order.
     */
    private static boolean isBare(byte[] start) {
        if (start.length < 8) {
            return false;
        }
        boolean little = (start[0] == 2 || start[0] == 8) && start[1] == 0 && start[3] == 0;
        boolean big = start[0] == 0 && start[1] == 8 && start[2] == 0;
        boolean plausible = isExplicit(start) || little && start[6] == 0 && start[7] == 0;
        return (little || big) && plausible;
    }

    private static boolean isExplicit(byte[] start) {
        return start.length >= 6
                && Vr.of(new String(start, 4, 2, StandardCharsets.ISO_8859_1)).isPresent();
    }

    /** The transfer syntax of a data set that no meta group describes. */
    private static String bareSyntax(byte[] start) {
        TransferSyntax syntax = !isExplicit(start)
                ? TransferSyntax.IMPLICIT_LITTLE_ENDIAN
                : start[0] == 0 && start[1] == 8
                        ? TransferSyntax.EXPLICIT_BIG_ENDIAN
                        : TransferSyntax.EXPLICIT_LITTLE_ENDIAN;
        return syntax.uid();
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** The elements of group 0002; empty if the file has none. */
    public DataSet meta() {
        return meta;
    }

    /** The elements of the header, without the pixels. */
    public DataSet dataSet() {
        return dataSet;
    }

    /** The UID of the transfer syntax, known to this package or not. */
    public String transferSyntaxUid() {
        return syntax;
    }

    /** What kind of object it is; from the meta group if the data set does not say. */
    public Optional<String> sopClass() {
        return dataSet.text(Tag.SOP_CLASS).or(() -> meta.text(Tag.MEDIA_STORAGE_SOP_CLASS));
    }

    /** The UID of this object; from the meta group if the data set does not say. */
    public Optional<String> sopInstance() {
        return dataSet.text(Tag.SOP_INSTANCE).or(() -> meta.text(Tag.MEDIA_STORAGE_SOP_INSTANCE));
    }

    /** Whether the file holds pixels. */
    public boolean hasPixels() {
        return pixels != null;
    }

    /** The same file with only those elements of the header that {@link Tag} lists, to be kept in memory for many files. */
    DicomFile abridged() {
        SortedMap<Integer, Element> known = DataSet.newElements();
        dataSet.elements().stream()
                .filter(element -> Tag.of(element.tag()).isPresent())
                .forEach(element -> known.put(element.tag(), element));
        DataSet abridged = new DataSet(known, dataSet.charset(), path);
        return new DicomFile(path, meta, syntax, new DataSetReader.Header(abridged, pixels));
    }

    /**
     * Refuses a header that promises more pixels than the file can hold. Reads nothing but the length of the file.
     *
     * @throws InvalidFileException with both numbers
     */
    void requireEnoughBytes(PixelFormat format) {
        long promised = (long) format.frameBytes() * format.frames();
        long limit = pixels.length();
        if (pixels.length() == DataSetReader.UNDEFINED || syntax.equals(TransferSyntax.DEFLATED.uid())) {
            try {
                limit = Files.size(path) * MAX_RATIO + ALWAYS_ALLOWED;
            } catch (IOException e) {
                throw new InvalidFileException(path, "cannot be read: " + Reason.of(e), e);
            }
        }
        if (promised > limit) {
            throw new InvalidFileException(
                    path,
                    "promises " + promised
                            + " bytes of pixels, more than it holds; it is truncated or damaged: fetch it again");
        }
    }

    /**
     * Opens the pixels, which stay in the file unless it is deflated.
     *
     * @param promised the native bytes of all frames by the header; no more are inflated
     * @throws InvalidFileException if there are none, or if they cannot be read
     */
    public PixelReader openPixels(long promised) {
        if (pixels == null) {
            throw new InvalidFileException(path, "holds no pixels");
        }
        if (pixels.tag() != Tag.PIXEL_DATA.code()) {
            throw new InvalidFileException(
                    path, "holds floating-point pixels, a parametric map; give the series as the scanner made it");
        }
        try {
            return PixelReader.open(this, pixels, promised);
        } catch (IOException e) {
            throw new InvalidFileException(path, "cannot be read: " + Reason.of(e), e);
        }
    }
}
