/**
 * Images and label maps on grids, and the operations on them: cropping, reorientation, resampling, intensity
 * normalisation, distances, connected components and morphology.
 *
 * <p>Coordinates: a {@link dev.preceptor.volume.Grid} maps voxel indices (i, j, k) of voxel centres to RAS+ world
 * coordinates in millimetres (x to the patient's right, y to anterior, z to superior), as in NIfTI. Voxel indices start
 * at 0; boxes include their lower and exclude their upper corner.
 *
 * <p>Memory: arrays are x-fastest. The value of voxel (i, j, k) is at index {@code i + nx * (j + ny * k)}, as in a
 * NIfTI file. Masks are {@link java.util.BitSet}s of these indices.
 *
 * <p>Labels: a {@link dev.preceptor.volume.LabelSpace} assigns a {@link dev.preceptor.volume.LabelClass} to each label
 * value; a {@link dev.preceptor.volume.Region} is a union of classes that is segmented and scored.
 */
package dev.preceptor.volume;
