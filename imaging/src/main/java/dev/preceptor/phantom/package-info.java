/**
 * Synthetic patients for tests and demonstrations: an anatomy of ellipsoids and noise (or from a tissue map), a smooth
 * deformation per patient, infiltrating lesions, four MRI sequences with their contrasts and artefacts, and the
 * annotation of a simulated annotator.
 *
 * <p>Everything is a function of the seed and the index of a subject only: no clock, no thread order, and no library
 * function whose last bit differs between machines. Names of random streams and the order of draws are therefore part
 * of the result and must not change.
 *
 * <p>Lengths are millimetres in RAS+ world coordinates unless a name says voxels; intensities are in standard
 * deviations of the brain until the last step of {@code Renderer}.
 */
package dev.preceptor.phantom;
