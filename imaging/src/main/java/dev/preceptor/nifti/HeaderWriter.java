package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Makes headers, always little-endian: version 1 unless the grid is too long for it.
 *
 * @param version 1 or 2
 * @param qformCode the code to store, if the affine can be said as a qform
 * @param sformCode the code to store
 * @param units the {@code xyzt_units} to store
 * @param millimetresPerUnit what those mean for lengths
 */
record HeaderWriter(int version, int qformCode, int sformCode, int units, double millimetresPerUnit) {
    private static final int MILLIMETRES = 2;
    private static final int SCANNER = 1;

    /** Codes of a file that lies in the scanner's world, in millimetres. */
    static final HeaderWriter PLAIN = new HeaderWriter(1, SCANNER, SCANNER, MILLIMETRES, 1);

    /** Version, codes and units of another file; a file that did not say where it lies is told to lie where we say. */
    static HeaderWriter like(NiftiHeader header) {
        boolean placed = header.qformCode() > 0 || header.sformCode() > 0;
        return new HeaderWriter(
                header.version(),
                placed ? header.qformCode() : SCANNER,
                placed ? header.sformCode() : SCANNER,
                header.units(),
                header.millimetresPerUnit());
    }

    /** The bytes that stand before the voxels, or for a pair the whole header file. */
    byte[] header(Grid grid, NiftiDatatype datatype, String description, boolean pair) {
        boolean longAxis =
                Math.max(grid.size().x(), Math.max(grid.size().y(), grid.size().z())) > Short.MAX_VALUE;
        HeaderLayout layout = version == 2 || longAxis ? HeaderLayout.NIFTI_2 : HeaderLayout.NIFTI_1;
        ByteBuffer bytes = ByteBuffer.allocate(layout.singleFileOffset()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, layout.length);
        put(bytes, layout.magic, (pair ? "ni" : "n+") + layout.version());
        if (layout == HeaderLayout.NIFTI_2) {
            put(bytes, layout.magic + 4, "\r\n\u001a\n");
        } else {
            bytes.put(38, (byte) 'r');
        }
        int[] dim = {3, grid.size().x(), grid.size().y(), grid.size().z(), 1, 1, 1, 1};
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
        HeaderLayout.putInteger(bytes, layout.units, layout.unitsWidth, units);
        put(bytes, layout.description, description);
        putPlace(bytes, layout, grid);
        return bytes.array();
    }

    private void putPlace(ByteBuffer bytes, HeaderLayout layout, Grid grid) {
        double scale = 1 / millimetresPerUnit;
        Affine affine = Affine.scaling(scale, scale, scale).times(grid.affine());
        double[] spacing = affine.spacing();
        for (int i = 0; i < 4; i++) {
            layout.putReal(bytes, layout.pixdim, i + 4, 1);
        }
        layout.putReal(bytes, layout.pixdim, 0, affine.determinant() < 0 ? -1 : 1);
        for (int i = 0; i < 3; i++) {
            layout.putReal(bytes, layout.pixdim, i + 1, spacing[i]);
        }
        Optional<QForm> qform = QForm.of(affine);
        qform.ifPresent(q -> {
            double[] values = {q.b(), q.c(), q.d(), q.origin()[0], q.origin()[1], q.origin()[2]};
            for (int i = 0; i < values.length; i++) {
                layout.putReal(bytes, layout.quaternion, i, values[i]);
            }
        });
        double[][] rows = affine.toMatrix();
        for (int i = 0; i < 12; i++) {
            layout.putReal(bytes, layout.sform, i, rows[i / 4][i % 4]);
        }
        int q = qform.isPresent() ? qformCode : 0;
        int s = q > 0 ? sformCode : Math.max(sformCode, SCANNER);
        HeaderLayout.putInteger(bytes, layout.codes, layout.codeWidth, q);
        HeaderLayout.putInteger(bytes, layout.codes + layout.codeWidth, layout.codeWidth, s);
    }

    private static void put(ByteBuffer bytes, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        bytes.put(at, ascii, 0, Math.min(ascii.length, 79));
    }
}
