package dev.preceptor.phantom;

import dev.preceptor.volume.Sequence;

/**
 * The appearance of tissues in one sequence, in z-scores over the brain voxels: the mean z-scores measured in BraTS,
 * their variation between patients, and the parameters of the artefacts.
 *
 * @param sequence the sequence
 * @param means mean z-scores of CSF, GM, WM, NCR, ED, ET; that of CSF is an initial value, since the mean over all
 *     voxels must be zero
 * @param spreads standard deviations of the means between patients
 * @param level mean signal of the brain, in standard deviations of the brain
 * @param texture standard deviation of the variation within a tissue
 * @param patchiness standard deviation of the variation within oedema, and approximately within the cores
 * @param unevenness standard deviation of the variation within enhancing tumour, relative to the difference between it and
 *     necrosis
 * @param brightFluid whether CSF is brighter than brain tissue
 * @param surface signal added in the outermost voxels, a mixture of meninges and air
 * @param vessels signal of a vessel
 * @param dura signal added by enhancing dura
 * @param spots signal added by a white-matter lesion
 * @param blood signal of haemorrhage
 */
record Contrast(
        Sequence sequence,
        double[] means,
        double[] spreads,
        double level,
        double texture,
        double patchiness,
        double unevenness,
        boolean brightFluid,
        double surface,
        double vessels,
        double dura,
        double spots,
        double blood) {
    static final int NCR = 3;
    static final int ED = 4;
    static final int ET = 5;
    /** The number of tissues. */
    static final int TISSUES = 6;

    /** The same contrast with other means, spreads between patients, variation within the cores and white-matter lesions. */
    Contrast with(
            double[] otherMeans,
            double[] otherSpreads,
            double otherPatchiness,
            double otherUnevenness,
            double otherSpots) {
        return new Contrast(
                sequence,
                otherMeans,
                otherSpreads,
                level,
                texture,
                otherPatchiness,
                otherUnevenness,
                brightFluid,
                surface,
                vessels,
                dura,
                otherSpots,
                blood);
    }

    /** The contrasts of T1, T1CE, T2 and FLAIR, in this order. */
    static Contrast[] brats() {
        return new Contrast[] {
            new Contrast(
                    Sequence.T1,
                    new double[] {-1.4, 0.05, 0.64, -0.41, 0.03, 0.06},
                    new double[] {0, 0.06, 0.08, 0.3, 0.15, 0.35},
                    3.9,
                    0.24,
                    0.25,
                    0.3,
                    false,
                    -0.6,
                    -0.3,
                    0,
                    -0.25,
                    2.1),
            new Contrast(
                    Sequence.T1CE,
                    new double[] {-1, -0.02, 0.42, -0.37, -0.25, 1.8},
                    new double[] {0, 0.06, 0.08, 0.25, 0.1, 0.5},
                    3.3,
                    0.27,
                    0.2,
                    0.3,
                    false,
                    -0.6,
                    4.5,
                    4,
                    -0.15,
                    2.2),
            new Contrast(
                    Sequence.T2,
                    new double[] {1.5, -0.16, -0.41, 1.6, 0.8, 0.8},
                    new double[] {0, 0.06, 0.08, 0.5, 0.25, 0.35},
                    2.0,
                    0.2,
                    0.45,
                    0.3,
                    true,
                    -0.5,
                    -0.6,
                    0,
                    0.6,
                    -0.6),
            new Contrast(
                    Sequence.FLAIR,
                    new double[] {-1.5, 0.23, 0.07, 2.7, 2.6, 2.5},
                    new double[] {0, 0.06, 0.06, 0.4, 0.2, 0.35},
                    2.9,
                    0.24,
                    0.35,
                    0.3,
                    false,
                    -0.5,
                    -0.3,
                    0.2,
                    1.5,
                    0.4)
        };
    }
}
