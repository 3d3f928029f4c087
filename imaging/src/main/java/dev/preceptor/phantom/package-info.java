/**
 * Procedural patients, hard in the way real ones are: anatomy from ellipsoids and noise (or from a tissue map), a smooth
 * deformation per patient, infiltrating lesions, four sequences with their contrasts, artefacts, and annotators who differ.
 *
 * <p>Everything here is a function of a seed and a subject's index alone: no clock, no thread, no library function whose
 * last bit differs between machines. Lengths are millimetres in RAS+ world space unless a name says voxels.
 */
package dev.preceptor.phantom;
