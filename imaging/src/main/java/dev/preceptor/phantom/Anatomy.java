package dev.preceptor.phantom;

/**
 * The healthy tissue of a patient before deformation: a function from RAS+ millimetres in the frame of the BraTS grid
 * (x from -239 to 0, y from 0 to 239, z from 0 to 154) to tissue fractions. Implementations are immutable.
 */
sealed interface Anatomy permits ProceduralAnatomy, TissueMapAnatomy {
    /** Indices of the tissues in an array of fractions. */
    int CSF = 0;

    int GM = 1;
    int WM = 2;

    /**
     * The fractions of CSF, grey and white matter in a small cube around a point. Their sum is the fraction of the cube
     * inside the brain.
     *
     * @param edge the edge of the cube in millimetres
     * @param fractions receives the three fractions
     */
    void sample(double x, double y, double z, double edge, double[] fractions);
}
