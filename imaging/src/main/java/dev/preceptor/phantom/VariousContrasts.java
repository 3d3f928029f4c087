package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the contrasts of {@link PhantomVariant#VARIOUS}: the means and the spreads between patients of ten patients of
 * BraTS 2015 to 2021, changed by the nature of the tumour.
 */
final class VariousContrasts {
    /** Mean z-scores of CSF, GM, WM, NCR, ED and ET in T1, T1CE, T2 and FLAIR. */
    private static final double[][] MEANS = {
        {-1.4, 0.02, 0.6, -0.35, 0.05, 0.3},
        {-1, 0, 0.33, -0.5, -0.2, 2.65},
        {1.5, -0.14, -0.36, 1.9, 1.1, 1.1},
        {-1.5, 0.15, 0.02, 2.6, 2.75, 2.5}
    };

    /** Standard deviations of the means between patients. */
    private static final double[][] SPREADS = {
        {0, 0.12, 0.12, 0.55, 0.18, 0.65},
        {0, 0.1, 0.12, 0.7, 0.22, 0.4},
        {0, 0.1, 0.12, 1.0, 0.4, 0.55},
        {0, 0.1, 0.1, 0.7, 0.25, 0.6}
    };

    /** The change of NCR by a cyst. */
    private static final double[] CYST = {-0.5, -0.4, 1.2, -3.8};

    /** Standard deviations of the variation within oedema and cores. */
    private static final double[] PATCHINESS = {0.15, 0.15, 0.25, 0.5};

    private static final double[] UNEVENNESS = {0.1, 0.2, 0.1, 0.2};

    /** The signals added by white-matter disease. */
    private static final double[] SPOTS = {-0.3, -0.2, 0.9, 2.4};

    private static final int T1CE = 1;

    private VariousContrasts() {}

    static List<Contrast> draw(RandomStreams streams, long subject, TumourNature nature) {
        RandomSource randomSource = new RandomSource(streams.stream("various/contrast", subject));
        // The protocol of a hospital changes how much grey and white matter differ in all its sequences.
        double protocol = randomSource.uniform(0.7, 1.4);
        List<Contrast> contrasts = new ArrayList<>();
        Contrast[] table = Contrast.brats();
        for (int i = 0; i < table.length; i++) {
            double[] means = MEANS[i].clone();
            double middle = 0.5 * (means[Anatomy.GM] + means[Anatomy.WM]);
            means[Anatomy.GM] = middle + protocol * (means[Anatomy.GM] - middle);
            means[Anatomy.WM] = middle + protocol * (means[Anatomy.WM] - middle);
            means[Contrast.NCR] += nature.isCystic() ? CYST[i] : 0;
            if (i == T1CE) {
                means[Contrast.ET] *= nature.enhancement();
            }
            contrasts.add(table[i].with(means, SPREADS[i], PATCHINESS[i], UNEVENNESS[i], SPOTS[i]));
        }
        return contrasts;
    }
}
