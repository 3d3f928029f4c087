package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the tumours of {@link PhantomVariant#VARIOUS}: one to five lesions, solid, necrotic, cystic, bleeding or without
 * enhancement, with or without oedema, which push tissue aside and shift the midline. Volumes follow ten patients of
 * BraTS 2015 to 2021.
 */
final class VariousTumours {
    private static final double MOST_PUSH = 0.55;

    /** The largest shift of the midline relative to the radius of a ball of the whole tumour. */
    private static final double MOST_SHIFT = 0.4;

    private VariousTumours() {}

    static TumourPlan draw(RandomStreams streams, long subject, Anatomy anatomy, Deformation deformation) {
        RandomSource randomSource = new RandomSource(streams.stream("various/tumour", subject));
        TumourNature nature = TumourNature.draw(randomSource);
        double core = 1000 * TumourPlan.clamp(randomSource.logNormal(38, 0.6), 3, 120);
        double oedema = 1000 * TumourPlan.clamp(randomSource.logNormal(66, 0.5), 3, 200);
        double enhancing = enhancingShare(randomSource, nature, core);
        double rimNoise = randomSource.uniform(0.15, 0.8);
        double fade = randomSource.uniform(2, 10);
        int count = lesionCount(randomSource);
        List<Double> volumes = volumes(randomSource, core, count);
        List<Lesion> lesions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double[] centre = TumourPlan.drawCentre(randomSource, anatomy, deformation);
            lesions.add(Lesion.of(centre, volumes.get(i), MOST_PUSH, streams.stream("various/lesion", subject, i)));
        }
        double whole = StrictMath.cbrt((core + oedema) * 0.75 / StrictMath.PI);
        MidlineShift shift = MidlineShift.awayFrom(lesions.get(0), whole * randomSource.uniform(0, MOST_SHIFT));
        return new TumourPlan(lesions, oedema, enhancing, rimNoise, fade, nature, new MassEffect(lesions, shift, true));
    }

    /** None, a thin or broken rim, a common rim, or a solid core. */
    private static double enhancingShare(RandomSource randomSource, TumourNature nature, double core) {
        double draw = randomSource.uniform(0, 1);
        double share = draw < 0.2
                ? randomSource.uniform(0.12, 0.35)
                : draw < 0.8 ? randomSource.uniform(0.35, 0.75) : randomSource.uniform(0.75, 0.99);
        // A rim grows with the surface of a core, not with its volume.
        double thinner = Math.min(1, StrictMath.cbrt(38000 / core));
        return nature.enhancement() == 0 ? 0 : share * thinner;
    }

    private static int lesionCount(RandomSource randomSource) {
        double draw = randomSource.uniform(0, 1);
        return draw < 0.66 ? 1 : draw < 0.86 ? 2 : draw < 0.95 ? 3 : 5;
    }

    /** The volumes of the cores, the largest first; satellites have 4 to 45 % of what is left. */
    private static List<Double> volumes(RandomSource randomSource, double core, int count) {
        List<Double> volumes = new ArrayList<>();
        double left = core;
        for (int i = 1; i < count; i++) {
            double volume = left * randomSource.uniform(0.04, i == 1 ? 0.45 : 0.15);
            left -= volume;
            volumes.add(volume);
        }
        volumes.add(0, left);
        return volumes;
    }
}
