package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;

/** The bright structures of {@link PhantomVariant#UNIFORM}, whose size varies little between patients. */
final class UniformDistractors implements Distractors {
    private final SmoothNoise first;
    private final SmoothNoise second;
    private final SmoothNoise patches;
    private final SmoothNoise spots;
    /** The radius of a vessel in millimetres, which its surroundings scale. */
    private final double vesselRadius;
    /** The threshold of the noise above which dura enhances. */
    private final double duraCut;
    /** The strength of choroid plexus, from 0 to 1. */
    private final double plexus;
    /** The threshold of the noise above which white matter has a spot. */
    private final double spotCut;
    /** The strength of periventricular caps, from 0 to 1. */
    private final double cap;

    UniformDistractors(RandomStreams streams, long subject) {
        first = new SmoothNoise(streams.stream("distractors/first", subject));
        second = new SmoothNoise(streams.stream("distractors/second", subject));
        patches = new SmoothNoise(streams.stream("distractors/patches", subject));
        spots = new SmoothNoise(streams.stream("distractors/spots", subject));
        RandomSource randomSource = new RandomSource(streams.stream("distractors", subject));
        vesselRadius = randomSource.uniform(0.5, 1.0);
        duraCut = randomSource.uniform(0.2, 1.4);
        plexus = randomSource.chance(0.7) ? randomSource.uniform(0.3, 0.9) : 0;
        spotCut = randomSource.uniform(2.0, 3.2);
        cap = randomSource.uniform(0, 0.7);
    }

    /** Vessels run where the zero sheets of two noises cross: curves, in CSF and near the surface; and in the sinus. */
    @Override
    public double vessel(double[] p, double spacing, double csf, double surface) {
        double a = first.at(p[0] / 30, p[1] / 30, p[2] / 30) * 7;
        double b = second.at(p[0] / 26, p[1] / 26, p[2] / 26) * 6;
        double away = Math.sqrt(a * a + b * b);
        double radius = vesselRadius * (0.25 + csf + 1.2 * surface);
        double midline = Math.abs(p[0] + 118.5);
        double sinus = surface * Solids.coverage(3.5 - midline, spacing) * (p[2] > 75 || p[1] < 60 ? 0.8 : 0);
        double width = Math.max(spacing, 1);
        double share = Solids.coverage(radius - away, width) * Math.min(1, 2 * radius / width);
        return Math.max(sinus, share);
    }

    /** Patches of dura at the surface, and plexus in the ventricles. */
    @Override
    public double dura(double[] p, double surface, double ventricle) {
        double patch = patches.octaves(p[0] / 28, p[1] / 28, p[2] / 28, 2);
        double meninges = Solids.clamp(patch - duraCut) * surface;
        double strand = Solids.clamp(1 - 4 * Math.abs(first.at(p[0] / 11, p[1] / 11, p[2] / 11)));
        return Math.max(meninges, plexus * strand * Solids.clamp(2 * ventricle - 0.6));
    }

    /** Spots of a few millimetres in white matter, and the caps of the ventricles. */
    @Override
    public double spot(double[] p, double ventricle) {
        double blob = Solids.clamp((spots.at(p[0] / 9, p[1] / 9, p[2] / 9) - spotCut) * 4);
        return Math.max(blob, cap * Solids.clamp(3 * ventricle));
    }
}
