package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Size;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The checked header of a NIfTI file: every value is usable, and the file is long enough for its voxels.
 *
 * @param version 1 or 2
 * @param pair whether the voxels are in an {@code .img} file beside the header
 * @param order the byte order of header and voxels
 * @param datatype the storage type of a voxel
 * @param shape one to seven extents, each at least 1, including trailing ones, as in nibabel
 * @param affine maps voxel indices to RAS+ world coordinates in the unit of the file, as in nibabel: the sform if its
 *     code is set, else the qform, else the voxel sizes with x to the left and the origin at the centre; always
 *     invertible
 * @param qformCode the coordinate system of the qform; 0 if there is none
 * @param sformCode the coordinate system of the sform; 0 if there is none
 * @param slope the factor from stored to real values; 1 if the file declares no scaling
 * @param intercept the summand from stored to real values; 0 if the file declares no scaling
 * @param voxOffset the offset of the first voxel in bytes after decompression
 * @param description the text of the header field {@code descrip}
 * @param units the header field {@code xyzt_units}; its lower three bits are 1 for metres, 2 for millimetres, 3 for
 *     micrometres, 0 for unknown
 * @param placement the geometry fields as stored
 * @param warnings oddities that do not prevent reading, one line each
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
        List<String> warnings)
        implements Provenance {

    public NiftiHeader {
        shape = List.copyOf(shape);
        warnings = List.copyOf(warnings);
    }

    /** {@code nifti-1}, {@code nifti-2}, {@code nifti-1-pair} or {@code nifti-2-pair}. */
    public String format() {
        return "nifti-" + version + (pair ? "-pair" : "");
    }

    /** The extent along a dimension counted from 0; 1 beyond the last dimension. */
    public int extent(int dimension) {
        return dimension < shape.size() ? shape.get(dimension) : 1;
    }

    /** The number of 3-D images in the file: the product of the extents from the fourth on. */
    public long frames() {
        return shape.stream().skip(3).mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** The number of voxels of one 3-D image. */
    public long voxelsPerFrame() {
        return Math.multiplyExact((long) extent(0) * extent(1), (long) extent(2));
    }

    /** The number of voxels in the file. */
    public long voxels() {
        return Math.multiplyExact(voxelsPerFrame(), frames());
    }

    /** The unit of length of the file in millimetres; an unknown unit counts as millimetres. */
    public double millimetresPerUnit() {
        return switch (units & 7) {
            case 1 -> 1000;
            case 3 -> 1e-3;
            default -> 1;
        };
    }

    /**
     * The grid of one 3-D image, in millimetres.
     *
     * @throws IllegalArgumentException if the image has more than 2^31-1 voxels
     */
    @Override
    public Grid grid() {
        double mm = millimetresPerUnit();
        Affine inMillimetres = mm == 1 ? affine : Affine.scaling(mm, mm, mm).times(affine);
        return new Grid(new Size(extent(0), extent(1), extent(2)), inMillimetres);
    }

    /** Whether stored values have to be scaled. */
    public boolean scales() {
        return slope != 1 || intercept != 0;
    }
}
