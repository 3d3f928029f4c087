/**
 * Images on grids. A {@link dev.preceptor.volume.Volume} is a function from voxel indices to numbers together with an
 * affine map from voxel indices to RAS+ millimetres; everything here changes one into another without guessing.
 *
 * <p>Arrays are x-fastest: the value of voxel (x, y, z) stands at {@code x + nx * (y + ny * z)}, as in a NIfTI file.
 */
package dev.preceptor.volume;
