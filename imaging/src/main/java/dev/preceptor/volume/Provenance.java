package dev.preceptor.volume;

/**
 * What a result on the grid of an image repeats of that image: the header fields of a NIfTI file, bit for bit
 * ({@code nifti.NiftiHeader}), or the patient and the references of a DICOM series. A writer uses those of its own format; of any
 * other it uses the grid.
 */
public interface Provenance {
    /** The grid of the image. */
    Grid grid();
}
