package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;

/**
 * The bright structures of {@link PhantomVariant#VARIOUS}: in T1CE vessels, venous sinuses, dura with the falx, and choroid
 * plexus, as bright as an enhancing rim in some patients and hardly visible in others; in FLAIR and T2 white-matter disease.
 */
final class VariousDistractors implements Distractors {
    private final Vessels vessels;
    private final VenousSinuses sinuses;
    private final SmoothNoise patches;
    private final SmoothNoise strands;
    private final WhiteMatterDisease disease;
    /** How much contrast agent is in the blood at the time of the image: 0.4 to 1. */
    private final double agent;

    private final double duraCut;
    private final double falx;
    private final double plexus;

    VariousDistractors(RandomStreams streams, long subject) {
        RandomSource randomSource = new RandomSource(streams.stream("various/distractors", subject));
        agent = randomSource.uniform(0.4, 1);
        vessels = new Vessels(
                new SmoothNoise(streams.stream("various/vessels/first", subject)),
                new SmoothNoise(streams.stream("various/vessels/second", subject)),
                randomSource.uniform(0.8, 2));
        sinuses = new VenousSinuses(randomSource.uniform(3, 6));
        patches = new SmoothNoise(streams.stream("various/dura", subject));
        strands = new SmoothNoise(streams.stream("various/plexus", subject));
        duraCut = randomSource.uniform(-0.6, 1.4);
        falx = randomSource.uniform(0, 0.7);
        plexus = randomSource.uniform(0.3, 1);
        disease = WhiteMatterDisease.draw(streams, subject);
    }

    @Override
    public double vessel(double[] point, double spacing, double csf, double surface) {
        return agent
                * Math.max(sinuses.fraction(point, spacing, surface), vessels.fraction(point, spacing, csf, surface));
    }

    @Override
    public double dura(double[] point, double surface, double ventricle) {
        double patch = patches.octaves(point[0] / 28, point[1] / 28, point[2] / 28, 2);
        double meninges = Solids.clamp(patch - duraCut) * surface;
        double strand = Solids.clamp(1.4 - 4 * Math.abs(strands.at(point[0] / 11, point[1] / 11, point[2] / 11)));
        double inVentricle = plexus * strand * Solids.clamp(3 * ventricle - 0.4);
        return agent * Math.max(Math.max(meninges, falx * VenousSinuses.falx(point)), inVentricle);
    }

    @Override
    public double spot(double[] point, double ventricle) {
        return disease.strength(point, ventricle);
    }

    /**
     * Vessels run where the zero sheets of two noises cross: curves, in CSF and near the surface.
     *
     * @param radius in millimetres in pure CSF
     */
    private record Vessels(SmoothNoise first, SmoothNoise second, double radius) {
        double fraction(double[] p, double spacing, double csf, double surface) {
            double a = first.at(p[0] / 30, p[1] / 30, p[2] / 30) * 7;
            double b = second.at(p[0] / 26, p[1] / 26, p[2] / 26) * 6;
            double own = radius * (0.3 + csf + 1.2 * surface);
            double width = Math.max(spacing, 1);
            return Solids.coverage(own - Math.sqrt(a * a + b * b), width) * Math.min(1, 2 * own / width);
        }
    }
}
