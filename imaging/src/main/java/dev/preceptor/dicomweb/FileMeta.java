package dev.preceptor.dicomweb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The File Meta Information with which a DICOM file begins (PS3.10, section 7.1): as much of it as names the instance, so that
 * a file can be named while the rest of it is still on its way.
 */
final class FileMeta {
    /** So many bytes at the start of a file hold its meta information. */
    static final int HEAD_BYTES = 1 << 14;

    private static final int PREAMBLE = 128;
    private static final int SOP_INSTANCE = 0x0003;

    private FileMeta() {}

    /** The Media Storage SOP Instance UID (0002,0003) in the first bytes of a file; empty if it is no DICOM file. */
    static Optional<String> sopInstance(byte[] head) {
        if (head.length < PREAMBLE + 4 || !"DICM".equals(new String(head, PREAMBLE, 4, StandardCharsets.US_ASCII))) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).position(PREAMBLE + 4);
        while (bytes.remaining() >= 12) {
            int group = bytes.getShort() & 0xffff;
            int element = bytes.getShort() & 0xffff;
            String vr = "" + (char) bytes.get() + (char) bytes.get();
            long length = bytes.getShort() & 0xffffL;
            if (vr.equals("OB") || vr.equals("UN") || vr.equals("UT") || vr.equals("OW") || vr.equals("SQ")) {
                length = bytes.getInt() & 0xffffffffL;
            }
            if (group != 2 || length > bytes.remaining()) {
                return Optional.empty();
            }
            if (element == SOP_INSTANCE) {
                String uid = new String(head, bytes.position(), (int) length, StandardCharsets.US_ASCII)
                        .replace("\0", "")
                        .strip();
                return Optional.of(uid).filter(Uids::isUid);
            }
            bytes.position(bytes.position() + (int) length);
        }
        return Optional.empty();
    }
}
