package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.LabelMap;

/**
 * Creates the label maps of a tumour: the true one, in which each voxel has the tissue with the largest share, and that
 * of a simulated annotator, in which the borders of WT, TC and ET deviate smoothly in both directions.
 */
final class Annotator {
    /** Label values of the schema BRATS_2018. */
    static final byte NCR = 1;

    static final byte ED = 2;
    static final byte ET = 4;

    private Annotator() {}

    /** The true labels. */
    static LabelMap clean(Brain brain, Tumour tumour) {
        byte[] labels = new byte[brain.grid().size().voxels()];
        for (int v = 0; v < brain.count(); v++) {
            labels[brain.voxelIndices()[v]] =
                    label(tumour.core()[v], tumour.rim()[v], tumour.spread()[v], brain.csf()[v]);
        }
        return new LabelMap(brain.grid(), labels, PhantomCohort.LABELS);
    }

    /** The labels of one annotator; the regions stay nested. */
    static LabelMap annotated(Brain brain, Tumour tumour, RandomStreams streams, long subject) {
        RandomSource randomSource = new RandomSource(streams.stream("annotator", subject));
        double wholeBias = randomSource.normal(0, 0.5);
        double coreBias = randomSource.normal(0, 0.3);
        double rimBias = randomSource.normal(0, 0.25);
        double jitterScale = randomSource.uniform(0.7, 1.3);
        SmoothNoise whole = new SmoothNoise(streams.stream("annotator/whole", subject));
        SmoothNoise core = new SmoothNoise(streams.stream("annotator/core", subject));
        SmoothNoise rim = new SmoothNoise(streams.stream("annotator/rim", subject));
        byte[] labels = new byte[brain.grid().size().voxels()];
        double[] point = new double[3];
        for (int v = 0; v < brain.count(); v++) {
            if (tumour.core()[v] < -6 && tumour.spread()[v] < -8) {
                continue;
            }
            brain.world(v, point);
            labels[brain.voxelIndices()[v]] = label(
                    tumour.core()[v] + coreBias + jitterScale * 0.7 * jitter(core, point),
                    tumour.rim()[v] + rimBias + jitterScale * 0.5 * jitter(rim, point),
                    tumour.spread()[v] + wholeBias + jitterScale * 1.15 * jitter(whole, point),
                    brain.csf()[v]);
        }
        return new LabelMap(brain.grid(), labels, PhantomCohort.LABELS);
    }

    private static double jitter(SmoothNoise noise, double[] point) {
        return noise.octaves(point[0] / 14, point[1] / 14, point[2] / 14, 2);
    }

    private static byte label(double core, double rim, double spread, double csf) {
        if (core > 0) {
            return rim > 0 ? ET : NCR;
        }
        return spread >= 0 && csf < 0.5 ? ED : 0;
    }
}
