package dev.preceptor.service;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What an uploaded file is, by its first bytes; its name is not looked at. */
enum UploadKind {
    NIFTI(".nii"),
    NIFTI_GZ(".nii.gz"),
    DICOM(".dcm"),
    ZIP(".zip"),
    XML(".xml"),
    OTHER(".bin");

    /** As many bytes as {@link #of} looks at. */
    static final int HEAD = 132;

    private static final int NIFTI_1 = 348;
    private static final int NIFTI_2 = 540;

    private final String ending;

    UploadKind(String ending) {
        this.ending = ending;
    }

    String ending() {
        return ending;
    }

    boolean isNifti() {
        return this == NIFTI || this == NIFTI_GZ;
    }

    /** @param head the first {@link #HEAD} bytes, or all of a shorter file */
    static UploadKind of(byte[] head) {
        if (head.length >= 2 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b) {
            return NIFTI_GZ;
        }
        if (head.length >= 2 && head[0] == 'P' && head[1] == 'K') {
            return ZIP;
        }
        if (head.length >= HEAD && new String(head, 128, 4, StandardCharsets.ISO_8859_1).equals("DICM")) {
            return DICOM;
        }
        if (head.length >= 4) {
            int first = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
            int swapped = Integer.reverseBytes(first);
            if (first == NIFTI_1 || first == NIFTI_2 || swapped == NIFTI_1 || swapped == NIFTI_2) {
                return NIFTI;
            }
        }
        String start = new String(head, StandardCharsets.UTF_8).strip();
        return start.startsWith("<") || start.startsWith("\ufeff<") ? XML : OTHER;
    }
}
