package dev.preceptor.dicomweb;

/**
 * In which form a PACS is asked to send instances. If it cannot send one form, the other is asked for, with a warning: many
 * cannot convert what is compressed.
 */
public enum TransferSyntaxChoice {
    /** As the PACS has stored them: byte for byte what was stored, in most archives. */
    AS_STORED("*"),
    /** Converted to explicit little endian without compression, for readers that lack a decoder. */
    UNCOMPRESSED("1.2.840.10008.1.2.1");

    private final String syntax;

    TransferSyntaxChoice(String syntax) {
        this.syntax = syntax;
    }

    /** The header {@code Accept} of a request for instances. */
    String accept() {
        return "multipart/related; type=\"application/dicom\"; transfer-syntax=" + syntax;
    }

    TransferSyntaxChoice other() {
        return this == AS_STORED ? UNCOMPRESSED : AS_STORED;
    }
}
