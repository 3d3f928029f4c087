package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What a NIfTI file says of itself, checked: every value here is usable, and the file was found long enough for it.
 *
 * @param version 1 or 2
 * @param pair whether the voxels stand in an {@code .img} file beside the header
 * @param order the byte order of header and voxels
 * @param datatype how a voxel is stored
 * @param shape the extents, one to seven, each at least 1, trailing ones kept, as nibabel shows them
 * @param affine voxel indices to RAS+ world in the file's own unit of length, as nibabel gives it: the sform where its code
 *     is set, else the qform, else the voxel sizes with x to the left and the origin in the middle; always invertible
 * @param qformCode 0 where there is no qform
 * @param sformCode 0 where there is no sform
 * @param slope the factor from stored to real values; 1 where the file scales nothing
 * @param intercept what is added after it; 0 where the file scales nothing
 * @param voxOffset the byte at which the voxels start, after inflation
 * @param description the free text of the header
 * @param units the header's {@code xyzt_units}: 1 metre, 2 millimetre, 3 micron in the lower three bits, 0 unknown
 * @param placement the fields that say where the voxels lie, as stored
 * @param warnings what is odd about the file but was understood, one line each
 */
public record NiftiHeader(
        int version,
        boolean pair,
        ByteOrder order,
        NiftiDatatype datatype,
        List<Integer> shape,
        Affine affine,
        int qformCode,
        int sformCode,
        double slope,
        double intercept,
        long voxOffset,
        String description,
        int units,
        Placement placement,
        List<String> warnings) {

    public NiftiHeader {
        shape = List.copyOf(shape);
        warnings = List.copyOf(warnings);
    }

    /** {@code nifti-1}, {@code nifti-2}, {@code nifti-1-pair} or {@code nifti-2-pair}. */
    public String format() {
        return "nifti-" + version + (pair ? "-pair" : "");
    }

    /** The extent along a dimension from 0; 1 beyond the last. */
    public int extent(int dimension) {
        return dimension < shape.size() ? shape.get(dimension) : 1;
    }

    /** How many 3-D images the file holds: the product of the extents from the fourth on. */
    public long frames() {
        return shape.stream().skip(3).mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** How many voxels one 3-D image has. */
    public long voxelsPerFrame() {
        return Math.multiplyExact((long) extent(0) * extent(1), (long) extent(2));
    }

    /** How many voxels the file holds. */
    public long voxels() {
        return Math.multiplyExact(voxelsPerFrame(), frames());
    }

    /** Millimetres in the file's unit of length; an unknown unit is taken for millimetres. */
    public double millimetresPerUnit() {
        return switch (units & 7) {
            case 1 -> 1000;
            case 3 -> 1e-3;
            default -> 1;
        };
    }

    /**
     * Where the voxels of one 3-D image lie, in millimetres.
     *
     * @throws IllegalArgumentException if it has more than 2^31-1 voxels
     */
    public Grid grid() {
        double mm = millimetresPerUnit();
        Affine inMillimetres = mm == 1 ? affine : Affine.scaling(mm, mm, mm).times(affine);
        return new Grid(new Size(extent(0), extent(1), extent(2)), inMillimetres);
    }

    /** Whether stored values are to be scaled. */
    public boolean scales() {
        return slope != 1 || intercept != 0;
    }
}
