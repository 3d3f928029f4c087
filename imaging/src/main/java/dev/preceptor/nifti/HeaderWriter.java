package dev.preceptor.nifti;

import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Creates the headers of 3-D images, always little-endian. */
final class HeaderWriter {
    private HeaderWriter() {}

    /** The bytes before the voxels, or the whole header file of a pair, in the version of the placement. */
    static byte[] header(Placement placement, Size size, NiftiDatatype datatype, String description, boolean pair) {
        HeaderLayout layout = placement.layout();
        ByteBuffer bytes = ByteBuffer.allocate(layout.singleFileOffset()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, layout.length);
        put(bytes, layout.magic, (pair ? "ni" : "n+") + layout.version());
        if (layout == HeaderLayout.NIFTI_2) {
            put(bytes, layout.magic + 4, "\r\n\u001a\n");
        } else {
            bytes.put(38, (byte) 'r');
        }
        int[] dim = {3, size.x(), size.y(), size.z(), 1, 1, 1, 1};
        for (int i = 0; i < 8; i++) {
            HeaderLayout.putInteger(bytes, layout.dim + i * layout.dimWidth, layout.dimWidth, dim[i]);
        }
        HeaderLayout.putInteger(bytes, layout.datatype, 2, datatype.code());
        HeaderLayout.putInteger(bytes, layout.bitpix, 2, datatype.bits());
        int offset = pair ? 0 : layout.singleFileOffset();
        if (layout == HeaderLayout.NIFTI_2) {
            bytes.putLong(layout.voxOffset, offset);
        } else {
            bytes.putFloat(layout.voxOffset, offset);
        }
        layout.putReal(bytes, layout.slope, 0, 1);
        put(bytes, layout.description, description);
        placement.write(bytes);
        return bytes.array();
    }

    private static void put(ByteBuffer bytes, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        bytes.put(at, ascii, 0, Math.min(ascii.length, 79));
    }
}
