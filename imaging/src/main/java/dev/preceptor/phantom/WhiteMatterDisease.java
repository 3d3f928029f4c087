package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;

/**
 * White-matter disease that is no tumour, in the grades of Fazekas (AJNR 1987): caps and a halo around the ventricles, and
 * deep lesions from a few points to confluent patches.
 *
 * @param points noise whose peaks are lesions of a few millimetres
 * @param fields noise whose peaks are confluent patches of one to three centimetres
 * @param pointCut the height above which a peak is a lesion, in standard deviations of the noise
 * @param fieldCut the same for patches
 * @param halo the strength of the halo around the ventricles, from 0 to 1
 */
record WhiteMatterDisease(SmoothNoise points, SmoothNoise fields, double pointCut, double fieldCut, double halo) {
    /** Above the largest value of the noise: no lesion. */
    private static final double NEVER = 9;

    /** The shares of the grades 0 to 3 in patients at the age of glioblastoma. */
    private static final double[] GRADES = {0.35, 0.35, 0.2, 0.1};

    private static final double[] POINT_CUTS = {NEVER, 2.3, 1.9, 1.6};
    private static final double[] FIELD_CUTS = {NEVER, NEVER, 2.0, 1.3};
    private static final double[] HALOS = {0, 0.35, 0.7, 1};

    static WhiteMatterDisease draw(RandomStreams streams, long subject) {
        RandomSource randomSource = new RandomSource(streams.stream("various/disease", subject));
        double draw = randomSource.uniform(0, 1);
        int grade = 0;
        for (double below = GRADES[0]; grade < 3 && draw >= below; below += GRADES[grade]) {
            grade++;
        }
        return new WhiteMatterDisease(
                new SmoothNoise(streams.stream("various/disease/points", subject)),
                new SmoothNoise(streams.stream("various/disease/fields", subject)),
                POINT_CUTS[grade] + randomSource.uniform(-0.2, 0.2),
                FIELD_CUTS[grade] + randomSource.uniform(-0.2, 0.2),
                HALOS[grade] * randomSource.uniform(0.7, 1.3));
    }

    /**
     * The strength at a point of white matter, from 0 to 1.
     *
     * @param ventricle the fraction of CSF in the neighbourhood, see {@link Brain}
     */
    double strength(double[] p, double ventricle) {
        double point = Solids.clamp((points.at(p[0] / 9, p[1] / 9, p[2] / 9) - pointCut) * 4);
        double field = Solids.clamp((fields.octaves(p[0] / 26, p[1] / 26, p[2] / 26, 2) - fieldCut) * 2.5);
        return Math.max(Math.max(point, field), Solids.clamp(halo * 3 * ventricle));
    }
}
