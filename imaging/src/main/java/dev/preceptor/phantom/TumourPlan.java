package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import java.util.ArrayList;
import java.util.List;

/**
 * Volumes, positions and nature of the tumour of a patient.
 *
 * @param lesions the lesions, the largest first
 * @param oedema the volume of ED in cubic millimetres, of all lesions together
 * @param enhancing the enhancing share of the cores: near 1 for a solid tumour, 0 for one without enhancement
 * @param rimNoise the variation of the rim thickness, relative to the thickness
 * @param fade the width in millimetres over which the contrast of oedema fades at its border
 * @param nature how the tumour looks
 * @param massEffect how the lesions displace the tissue around them
 */
record TumourPlan(
        List<Lesion> lesions,
        double oedema,
        double enhancing,
        double rimNoise,
        double fade,
        TumourNature nature,
        MassEffect massEffect) {
    TumourPlan {
        lesions = List.copyOf(lesions);
    }

    /**
     * A tumour of {@link PhantomVariant#UNIFORM}. Volumes follow the patients of BraTS: medians of about 27 ml for the
     * core and 65 ml for oedema, with a variation of about a factor of two.
     */
    static TumourPlan uniform(RandomStreams streams, long subject, Anatomy anatomy, Deformation deformation) {
        RandomSource randomSource = new RandomSource(streams.stream("tumour", subject));
        double core = 1000 * clamp(randomSource.logNormal(27, 0.65), 4, 105);
        double oedema = 1000 * clamp(randomSource.logNormal(82, 0.5) * Math.sqrt(core / 27000), 6, 170);
        double enhancementDraw = randomSource.uniform(0, 1);
        double enhancing = enhancementDraw < 0.62
                ? randomSource.uniform(0.45, 0.8)
                : enhancementDraw < 0.9 ? randomSource.uniform(0.8, 0.99) : randomSource.uniform(0.08, 0.3);
        double rimNoise = randomSource.uniform(0.15, 0.5);
        double fade = randomSource.uniform(4, 9);
        double countDraw = randomSource.uniform(0, 1);
        int count = countDraw < 0.76 ? 1 : countDraw < 0.93 ? 2 : 3;
        double satellites = 0;
        List<Lesion> lesions = new ArrayList<>();
        List<Double> volumes = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            double volume = core * randomSource.uniform(0.03, 0.25);
            satellites += volume;
            volumes.add(volume);
        }
        volumes.add(0, core - satellites);
        for (int i = 0; i < count; i++) {
            double[] centre = drawCentre(randomSource, anatomy, deformation);
            lesions.add(Lesion.of(centre, volumes.get(i), 0.35, streams.stream("lesion", subject, i)));
        }
        return new TumourPlan(
                lesions,
                oedema,
                enhancing,
                rimNoise,
                fade,
                TumourNature.COMMON,
                new MassEffect(lesions, MidlineShift.NONE, false));
    }

    /** A random point of supratentorial white matter in the space of the patient. */
    static double[] drawCentre(RandomSource randomSource, Anatomy anatomy, Deformation deformation) {
        double[] fractions = new double[3];
        double[] best = {-90, 115, 90};
        for (int attempt = 0; attempt < 2000; attempt++) {
            double[] point = {
                randomSource.uniform(-178, -58), randomSource.uniform(40, 192), randomSource.uniform(50, 122)
            };
            double[] mapped = point.clone();
            deformation.apply(mapped);
            anatomy.sample(mapped[0], mapped[1], mapped[2], 1, fractions);
            boolean brainstem = Math.abs(mapped[0] + 118.5) < 20 && mapped[2] < 70;
            boolean cerebellum = mapped[1] < 88 && mapped[2] < 58;
            if (fractions[Anatomy.WM] > 0.7 && !brainstem && !cerebellum) {
                return point;
            }
            best = fractions[Anatomy.GM] + fractions[Anatomy.WM] > 0.5 ? point : best;
        }
        return best;
    }

    static double clamp(double value, double low, double high) {
        return Math.max(low, Math.min(high, value));
    }
}
