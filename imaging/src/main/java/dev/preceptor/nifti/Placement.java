package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The geometry fields of a header as stored: every field from which any program derives positions. Programs differ in
 * which field they use (nibabel the sform, ITK the qform and {@code pixdim}), so a file on the grid of another one
 * carries all of them unchanged. Real numbers are kept as raw bits, 32 in version 1 and 64 in version 2.
 *
 * @param version 1 or 2, which decides the width of real numbers
 * @param qformCode the field {@code qform_code}
 * @param sformCode the field {@code sform_code}
 * @param units the field {@code xyzt_units}
 * @param pixdim the eight numbers of {@code pixdim}; the first is qfac
 * @param quaternion the six numbers {@code quatern_b, c, d} and {@code qoffset_x, y, z}
 * @param sform the twelve numbers {@code srow_x, y, z}
 */
public record Placement(
        int version,
        int qformCode,
        int sformCode,
        int units,
        List<Long> pixdim,
        List<Long> quaternion,
        List<Long> sform) {
    private static final int MILLIMETRES = 2;
    private static final int SCANNER = 1;

    public Placement {
        if (version < 1 || version > 2 || pixdim.size() != 8 || quaternion.size() != 6 || sform.size() != 12) {
            throw new IllegalArgumentException("version " + version + " with " + pixdim.size() + ", "
                    + quaternion.size() + " and " + sform.size() + " numbers");
        }
        pixdim = List.copyOf(pixdim);
        quaternion = List.copyOf(quaternion);
        sform = List.copyOf(sform);
    }

    /**
     * The placement of a grid that does not come from a file: an sform and, unless the affine is sheared, a qform, both
     * with code 1 (scanner coordinates), in millimetres. Version 1 unless an axis has more than 32767 voxels.
     */
    public static Placement of(Grid grid) {
        int longest =
                Math.max(grid.size().x(), Math.max(grid.size().y(), grid.size().z()));
        int version = longest > Short.MAX_VALUE ? 2 : 1;
        Affine affine = grid.affine();
        double[] spacing = affine.spacing();
        Optional<QForm> qform = QForm.of(affine);
        double[] rows = new double[12];
        for (int i = 0; i < 12; i++) {
            rows[i] = affine.toMatrix()[i / 4][i % 4];
        }
        return new Placement(
                version,
                qform.isPresent() ? SCANNER : 0,
                SCANNER,
                MILLIMETRES,
                bits(version, affine.determinant() < 0 ? -1 : 1, spacing[0], spacing[1], spacing[2], 1, 1, 1, 1),
                qform.map(q -> bits(version, q.b(), q.c(), q.d(), q.origin()[0], q.origin()[1], q.origin()[2]))
                        .orElseGet(() -> bits(version, new double[6])),
                bits(version, rows));
    }

    static Placement read(ByteBuffer bytes, HeaderLayout layout) {
        return new Placement(
                layout.version(),
                (int) HeaderLayout.integer(bytes, layout.codes, layout.codeWidth),
                (int) HeaderLayout.integer(bytes, layout.codes + layout.codeWidth, layout.codeWidth),
                (int) HeaderLayout.integer(bytes, layout.units, layout.unitsWidth),
                bits(bytes, layout, layout.pixdim, 8),
                bits(bytes, layout, layout.quaternion, 6),
                bits(bytes, layout, layout.sform, 12));
    }

    /** Stores the fields in a header of this version. */
    void write(ByteBuffer bytes) {
        HeaderLayout layout = layout();
        HeaderLayout.putInteger(bytes, layout.codes, layout.codeWidth, qformCode);
        HeaderLayout.putInteger(bytes, layout.codes + layout.codeWidth, layout.codeWidth, sformCode);
        HeaderLayout.putInteger(bytes, layout.units, layout.unitsWidth, units);
        put(bytes, layout, layout.pixdim, pixdim);
        put(bytes, layout, layout.quaternion, quaternion);
        put(bytes, layout, layout.sform, sform);
    }

    HeaderLayout layout() {
        return version == 2 ? HeaderLayout.NIFTI_2 : HeaderLayout.NIFTI_1;
    }

    /** The voxel size along axis 0, 1 or 2 according to {@code pixdim}, in the unit of length of the file. */
    public double statedSize(int axis) {
        long bits = pixdim.get(axis + 1);
        return version == 2 ? Double.longBitsToDouble(bits) : Float.intBitsToFloat((int) bits);
    }

    private static List<Long> bits(ByteBuffer bytes, HeaderLayout layout, int field, int count) {
        List<Long> bits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bits.add(HeaderLayout.integer(bytes, field + i * layout.realWidth, layout.realWidth));
        }
        return bits;
    }

    private static List<Long> bits(int version, double... values) {
        List<Long> bits = new ArrayList<>();
        for (double value : values) {
            bits.add(version == 2 ? Double.doubleToRawLongBits(value) : (long) Float.floatToRawIntBits((float) value));
        }
        return bits;
    }

    private static void put(ByteBuffer bytes, HeaderLayout layout, int field, List<Long> bits) {
        for (int i = 0; i < bits.size(); i++) {
            HeaderLayout.putInteger(bytes, field + i * layout.realWidth, layout.realWidth, bits.get(i));
        }
    }
}
