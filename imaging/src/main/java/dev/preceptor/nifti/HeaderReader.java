package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses the first bytes of a file into a {@link NiftiHeader} and refuses headers that are damaged. */
final class HeaderReader {
    private final Path file;
    private final ByteBuffer bytes;
    private final HeaderLayout layout;
    private final List<String> warnings = new ArrayList<>();

    private HeaderReader(Path file, ByteBuffer bytes, HeaderLayout layout) {
        this.file = file;
        this.bytes = bytes;
        this.layout = layout;
    }

    /**
     * @param start the first {@link HeaderLayout#LONGEST} bytes of the file after decompression, fewer if the file is
     *     shorter
     * @throws InvalidFileException if this is not a NIfTI header, or a damaged one
     */
    static NiftiHeader read(Path file, byte[] start) {
        if (start.length < 4) {
            throw new InvalidFileException(file, "not a NIfTI file: it has only " + start.length + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(start);
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            int length = bytes.order(order).getInt(0);
            for (HeaderLayout layout : HeaderLayout.values()) {
                if (length == layout.length) {
                    if (start.length < length) {
                        throw new InvalidFileException(
                                file, "ends inside the header, after " + start.length + " of " + length + " bytes");
                    }
                    return new HeaderReader(file, bytes, layout).header();
                }
            }
        }
        throw new InvalidFileException(
                file, "not a NIfTI file: sizeof_hdr is neither 348 (NIfTI-1) nor 540 (NIfTI-2) in either byte order");
    }

    private NiftiHeader header() {
        boolean pair = isPair();
        NiftiDatatype datatype = datatype();
        List<Integer> shape = shape();
        double slope = layout.real(bytes, layout.slope, 0);
        double intercept = layout.real(bytes, layout.intercept, 0);
        if (slope == 0 || !Double.isFinite(slope)) {
            slope = 1;
            intercept = 0;
        } else if (!Double.isFinite(intercept)) {
            throw broken("scl_inter is " + intercept);
        }
        long voxOffset = voxOffset(pair);
        Placement placement = Placement.read(bytes, layout);
        int qformCode = placement.qformCode();
        int sformCode = placement.sformCode();
        return new NiftiHeader(
                layout.version(),
                pair,
                bytes.order(),
                datatype,
                shape,
                affine(shape, qformCode, sformCode),
                qformCode,
                sformCode,
                slope,
                intercept,
                voxOffset,
                description(),
                placement.units() & 0xff,
                placement,
                warnings);
    }

    private boolean isPair() {
        String magic = text(layout.magic, 3);
        String version = Integer.toString(layout.version());
        if (magic.equals("n+" + version)) {
            return false;
        }
        if (magic.equals("ni" + version)) {
            return true;
        }
        throw broken(
                magic.isEmpty()
                        ? "it has no magic string; ANALYZE 7.5 is not supported, because it does not state which side is left"
                        : "the magic string is not n+" + version + " or ni" + version);
    }

    private NiftiDatatype datatype() {
        int code = (int) HeaderLayout.integer(bytes, layout.datatype, 2);
        int bitpix = (int) HeaderLayout.integer(bytes, layout.bitpix, 2);
        NiftiDatatype datatype =
                NiftiDatatype.ofCode(code).orElseThrow(() -> broken("datatype " + code + " is unknown"));
        if (bitpix != datatype.bits()) {
            throw broken("bitpix is " + bitpix + " but " + datatype + " has " + datatype.bits() + " bits");
        }
        return datatype;
    }

    private List<Integer> shape() {
        long dimensions = dim(0);
        if (dimensions < 1 || dimensions > 7) {
            throw broken("it declares " + dimensions + " dimensions; 1 to 7 are allowed");
        }
        List<Integer> shape = new ArrayList<>();
        long voxels = 1;
        for (int i = 1; i <= dimensions; i++) {
            long extent = dim(i);
            if (extent == 0 && i > 3) {
                // Some writers count a dimension without setting its extent; nifti1_io.c also reads it as 1.
                warnings.add("dim[" + i + "] is 0; taken as 1");
                extent = 1;
            }
            if (extent < 1 || extent > Integer.MAX_VALUE) {
                throw broken("the extent of dimension " + i + " is " + extent);
            }
            if (voxels > Long.MAX_VALUE / 64 / extent) {
                throw broken("it declares more voxels than a file can contain");
            }
            voxels *= extent;
            shape.add((int) extent);
        }
        return shape;
    }

    private long dim(int index) {
        return HeaderLayout.integer(bytes, layout.dim + index * layout.dimWidth, layout.dimWidth);
    }

    private long voxOffset(boolean pair) {
        long offset;
        if (layout == HeaderLayout.NIFTI_1) {
            float stored = bytes.getFloat(layout.voxOffset);
            if (!(stored >= 0) || stored != Math.rint(stored) || stored > Integer.MAX_VALUE) {
                throw broken("vox_offset is " + stored);
            }
            offset = (long) stored;
        } else {
            offset = bytes.getLong(layout.voxOffset);
            if (offset < 0 || offset > Long.MAX_VALUE / 2) {
                throw broken("vox_offset is " + offset);
            }
        }
        int first = layout.singleFileOffset();
        if (!pair && offset == 0) {
            warnings.add("vox_offset is 0; taken as " + first);
            return first;
        }
        if (!pair && offset < layout.length) {
            throw broken("vox_offset is " + offset + ", inside the header");
        }
        return offset;
    }

    private Affine affine(List<Integer> shape, int qformCode, int sformCode) {
        double[] spacing = new double[3];
        for (int i = 0; i < 3; i++) {
            double stored = layout.real(bytes, layout.pixdim, i + 1);
            if (!Double.isFinite(stored) && i < shape.size() && sformCode <= 0) {
                throw broken("pixdim[" + (i + 1) + "], a voxel size, is " + stored
                        + "; correct it, or export the image again");
            }
            spacing[i] = stored == 0 ? 1 : Math.abs(stored);
            if (stored <= 0 && i < shape.size() && sformCode <= 0) {
                warnings.add("pixdim[" + (i + 1) + "] is " + stored + "; taken as " + spacing[i]);
            }
        }
        if (sformCode > 0) {
            Affine sform = invertible(sform(), "sform");
            if (qformCode > 0) {
                Optional<Affine> qform = qform(spacing).affine();
                if (qform.isEmpty() || !qform.get().isCloseTo(sform, Grid.TOLERANCE)) {
                    warnings.add("sform and qform disagree; the sform is used");
                }
            }
            return sform;
        }
        if (qformCode > 0) {
            return invertible(
                    qform(spacing).affine().orElseThrow(() -> broken("the quaternion is longer than 1")), "qform");
        }
        warnings.add("neither sform nor qform is set; x is assumed to point left, with the origin at the centre");
        return invertible(defaultAffine(shape, spacing), "voxel size");
    }

    private Affine sform() {
        double[][] rows = new double[3][4];
        for (int i = 0; i < 12; i++) {
            rows[i / 4][i % 4] = layout.real(bytes, layout.sform, i);
        }
        return Affine.of(rows);
    }

    private QForm qform(double[] spacing) {
        double[] q = new double[6];
        for (int i = 0; i < 6; i++) {
            q[i] = layout.real(bytes, layout.quaternion, i);
        }
        double handedness = layout.real(bytes, layout.pixdim, 0) < 0 ? -1 : 1;
        return new QForm(q[0], q[1], q[2], handedness, spacing, new double[] {q[3], q[4], q[5]});
    }

    /** The affine that nibabel assumes for a file without sform and qform: x to the left, the origin at the centre. */
    static Affine defaultAffine(List<Integer> shape, double[] spacing) {
        double[] diagonal = {-spacing[0], spacing[1], spacing[2]};
        double[] origin = new double[3];
        for (int i = 0; i < 3; i++) {
            int extent = i < shape.size() ? shape.get(i) : 1;
            origin[i] = -(extent - 1) / 2.0 * diagonal[i];
        }
        return Affine.translation(origin[0], origin[1], origin[2])
                .times(Affine.scaling(diagonal[0], diagonal[1], diagonal[2]));
    }

    private Affine invertible(Affine affine, String source) {
        if (!affine.isInvertible()) {
            throw broken("the " + source + " gives the affine " + affine
                    + ", which cannot be inverted; correct the header, or export the image again");
        }
        return affine;
    }

    private String description() {
        return text(layout.description, 80).trim();
    }

    private String text(int at, int length) {
        String all = new String(bytes.array(), at, length, StandardCharsets.ISO_8859_1);
        int end = all.indexOf('\0');
        return end < 0 ? all : all.substring(0, end);
    }

    private InvalidFileException broken(String why) {
        return new InvalidFileException(file, "broken NIfTI header: " + why);
    }
}
