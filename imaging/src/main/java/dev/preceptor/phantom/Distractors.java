package dev.preceptor.phantom;

/**
 * Bright structures that are not tumour, so that intensity alone does not identify a tumour: vessels, enhancing dura
 * and choroid plexus in T1CE; white-matter lesions and periventricular caps in FLAIR and T2. Immutable.
 */
sealed interface Distractors permits UniformDistractors, VariousDistractors {
    /**
     * The fraction of contrast-filled vessel at a point, from 0 to 1.
     *
     * @param point world coordinates in millimetres
     * @param spacing the edge of a voxel in millimetres
     * @param csf the fraction of CSF
     * @param surface the proximity of the outer surface, see {@link Brain}
     */
    double vessel(double[] point, double spacing, double csf, double surface);

    /** The fraction of enhancing dura or choroid plexus, from 0 to 1. */
    double dura(double[] point, double surface, double ventricle);

    /** The strength of white-matter disease in white matter, from 0 to 1. */
    double spot(double[] point, double ventricle);
}
