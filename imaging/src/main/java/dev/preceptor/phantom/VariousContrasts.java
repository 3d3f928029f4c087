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
        {-1.4, 0.02, 0.6, -0.27, 0.05, 0.16},
        {-1, 0, 0.33, -0.38, -0.17, 2.35},
        {1.5, -0.14, -0.36, 1.6, 1.0, 1.0},
        {-1.5, 0.15, 0.02, 2.4, 2.1, 2.2}
    };

    /** Standard deviations of the means between patients. */
    private static final double[][] SPREADS = {
        {0, 0.12, 0.12, 0.45, 0.2, 0.55},
        {0, 0.1, 0.12, 0.5, 0.2, 0.5},
        {0, 0.1, 0.12, 0.7, 0.4, 0.5},
        {0, 0.1, 0.1, 0.6, 0.25, 0.55}
    };

    /** The change of NCR by a cyst. */
    private static final double[] CYST = {-0.6, -0.5, 1.2, -2.6};

    private static final int T1CE = 1;

    private VariousContrasts() {}

    static List<Contrast> draw(RandomStreams streams, long subject, TumourNature nature) {
        RandomSource randomSource = new RandomSource(streams.stream("various/contrast", subject));
        // The protocol of a hospital changes how much grey and white matter differ in all its sequences.
        double protocol = randomSource.uniform(0.6, 1.3);
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
            contrasts.add(table[i].with(means, SPREADS[i]));
        }
        return contrasts;
    }
}
