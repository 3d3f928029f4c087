/**
 * Reads and writes NIfTI-1 and NIfTI-2 files: single files and pairs, plain and gzip-compressed, in both byte orders.
 *
 * <p>{@link dev.preceptor.nifti.Nifti} reads and writes images and label maps. {@link dev.preceptor.nifti.NiftiHeader}
 * is the checked header of a file, {@link dev.preceptor.nifti.Placement} its geometry fields as stored, and {@link
 * dev.preceptor.nifti.NiftiSummary} the output of {@code preceptor inspect}.
 *
 * <p>Sources: nifti1.h and nifti2.h (NIfTI Data Format Working Group). Where the formats leave a choice, this package
 * follows nibabel. Voxel data is x-fastest; affines map voxel indices to RAS+ world coordinates.
 */
package dev.preceptor.nifti;
