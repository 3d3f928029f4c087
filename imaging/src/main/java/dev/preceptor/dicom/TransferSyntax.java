package dev.preceptor.dicom;

import java.util.Optional;

/** The transfer syntaxes (PS3.5, annex A) whose pixels this package reads. */
public enum TransferSyntax {
    IMPLICIT_LITTLE_ENDIAN("1.2.840.10008.1.2", "implicit VR, little endian", Coding.NATIVE),
    EXPLICIT_LITTLE_ENDIAN("1.2.840.10008.1.2.1", "explicit VR, little endian", Coding.NATIVE),
    DEFLATED("1.2.840.10008.1.2.1.99", "deflated explicit VR, little endian", Coding.NATIVE),
    EXPLICIT_BIG_ENDIAN("1.2.840.10008.1.2.2", "explicit VR, big endian", Coding.NATIVE),
    RLE("1.2.840.10008.1.2.5", "RLE", Coding.RLE),
    JPEG_BASELINE("1.2.840.10008.1.2.4.50", "JPEG baseline", Coding.JPEG_BASELINE),
    JPEG_EXTENDED("1.2.840.10008.1.2.4.51", "JPEG extended", Coding.JPEG_BASELINE),
    JPEG_LOSSLESS("1.2.840.10008.1.2.4.57", "JPEG lossless", Coding.JPEG_LOSSLESS),
    JPEG_LOSSLESS_FIRST_ORDER("1.2.840.10008.1.2.4.70", "JPEG lossless, first-order prediction", Coding.JPEG_LOSSLESS),
    JPEG_LS_LOSSLESS("1.2.840.10008.1.2.4.80", "JPEG-LS lossless", Coding.JPEG_LS),
    JPEG_LS_NEAR_LOSSLESS("1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless", Coding.JPEG_LS),
    JPEG_2000_LOSSLESS("1.2.840.10008.1.2.4.90", "JPEG 2000 lossless", Coding.JPEG_2000),
    JPEG_2000("1.2.840.10008.1.2.4.91", "JPEG 2000", Coding.JPEG_2000);

    /** How the pixels of one frame are coded. */
    enum Coding {
        NATIVE,
        RLE,
        JPEG_BASELINE,
        JPEG_LOSSLESS,
        JPEG_LS,
        JPEG_2000
    }

    private final String uid;
    private final String text;
    private final Coding coding;

    TransferSyntax(String uid, String text, Coding coding) {
        this.uid = uid;
        this.text = text;
        this.coding = coding;
    }

    /** The transfer syntax of a UID; empty if this package cannot read its pixels. */
    public static Optional<TransferSyntax> of(String uid) {
        for (TransferSyntax syntax : values()) {
            if (syntax.uid.equals(uid)) {
                return Optional.of(syntax);
            }
        }
        return Optional.empty();
    }

    /** The UID of PS3.6. */
    public String uid() {
        return uid;
    }

    /** Whether pixels come in fragments. */
    public boolean isEncapsulated() {
        return coding != Coding.NATIVE;
    }

    Coding coding() {
        return coding;
    }

    /** A name for messages. */
    @Override
    public String toString() {
        return text;
    }
}
