package dev.preceptor.phantom;

/**
 * Where which healthy tissue lies before a patient's deformation: a function from RAS+ millimetres, in the frame of the
 * BraTS grid (x from -239 to 0, y from 0 to 239, z from 0 to 154), to fractions of tissue. Implementations are immutable.
 */
sealed interface Anatomy permits ProceduralAnatomy, TissueMapAnatomy {
    /** The places of the tissues in an array of fractions. */
    int CSF = 0;

    int GM = 1;
    int WM = 2;

    /**
     * The fractions of CSF, grey and white matter in a small cube around a point; they sum to the fraction of the cube
     * that lies inside the brain, 0 outside it.
     *
     * @param edge the length of the cube in millimetres
     * @param fractions receives the three fractions
     */
    void sample(double x, double y, double z, double edge, double[] fractions);
}
