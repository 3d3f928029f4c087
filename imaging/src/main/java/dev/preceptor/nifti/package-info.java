/**
 * NIfTI-1 and NIfTI-2 files, single or in pairs, plain or gzip'd, in both byte orders.
 *
 * <p>{@link dev.preceptor.nifti.Nifti} is the door; {@link dev.preceptor.nifti.NiftiHeader} is what a file says of itself
 * and {@link dev.preceptor.nifti.NiftiSummary} what a person inspecting it wants to see. The formats are those of
 * nifti1.h and nifti2.h (NIfTI Data Format Working Group); where they leave a choice we do what nibabel does.
 */
package dev.preceptor.nifti;
