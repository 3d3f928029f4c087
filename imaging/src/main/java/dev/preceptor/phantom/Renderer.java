package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;

/**
 * Renders one sequence of one patient: mixed tissue, uneven tissue, bias field, blur and Rician noise. The tissues' signals
 * are solved for so that their mean z-scores, measured after all of that, are the patient's own targets.
 */
final class Renderer {
    private static final int ROUNDS = 9;
    private static final double RUNAWAY = 1.2;
    private static final double DEEPEST_TAIL = 4;
    /** The share of the unit variance that differences between tissues may take; the rest is within tissues. */
    private static final double BETWEEN = 0.85;

    private final Mixture mixture;
    private final Contrast contrast;
    private final int count;
    private final float[] tail;
    private final float[] uneven;
    private final float[] lively;
    private final float[] bias;
    private final RandomSource randomSource;
    private final double noise;
    private final double scale;
    private final double texture;
    private final double[] blur;
    private final float[] blurredMask;

    Renderer(Mixture mixture, Contrast contrast, RandomStreams streams, long subject) {
        this.mixture = mixture;
        this.contrast = contrast;
        count = mixture.brain().count();
        String name = contrast.sequence().name();
        randomSource = new RandomSource(streams.stream("render/" + name, subject));
        noise = randomSource.logNormal(0.13, 0.3);
        scale = randomSource.logNormal(260, 0.6);
        double plane = randomSource.uniform(0.35, 0.6);
        double slice = randomSource.chance(0.5) ? plane : randomSource.uniform(0.6, 1.6);
        double spacing = mixture.brain().grid().spacing()[0];
        blur = new double[] {plane / spacing, plane / spacing, slice / spacing};
        texture = contrast.texture() * randomSource.uniform(0.7, 1.3);
        blurredMask = blurredMask();
        tail = tail();
        uneven = new float[count];
        lively = new float[count];
        bias = new float[count];
        double shading = randomSource.uniform(0.02, 0.07);
        SmoothNoise own = new SmoothNoise(streams.stream("render/own/" + name, subject));
        SmoothNoise common = new SmoothNoise(streams.stream("render/common", subject));
        SmoothNoise coil = new SmoothNoise(streams.stream("render/coil/" + name, subject));
        double[] p = new double[3];
        for (int v = 0; v < count; v++) {
            mixture.brain().world(v, p);
            uneven[v] = (float) (0.8 * own.octaves(p[0] / 34, p[1] / 34, p[2] / 34, 4)
                    + 0.6 * common.octaves(p[0] / 20, p[1] / 20, p[2] / 20, 3));
            lively[v] = (float) common.octaves(p[0] / 19 + 50, p[1] / 19, p[2] / 19, 3);
            bias[v] = (float) (1 + shading * coil.at(p[0] / 130, p[1] / 130, p[2] / 130 + 7));
        }
    }

    /** The finished volume: whole numbers as scanners store them, at least 1 in the brain, 0 outside it. */
    Volume render() {
        double[] targets = targets();
        double[] signal = targets.clone();
        double depth = 1;
        float[] values = new float[count];
        for (int round = 0; round < ROUNDS; round++) {
            paint(signal, depth, values);
            smooth(values);
            MixtureMoments mixtureMoments = MixtureMoments.of(values, mixture.tissue());
            double deviation = Math.sqrt(mixtureMoments.variance() + noise * noise);
            if (deviation > RUNAWAY) {
                // The targets need more than unit variance, and would drive the signals apart without end.
                dim(targets, Math.max(0.9, RUNAWAY / deviation), mixtureMoments.counts());
            }
            for (int tissue = 0; tissue < Contrast.TISSUES; tissue++) {
                if (mixtureMoments.counts()[tissue] > 0) {
                    double achieved = (mixtureMoments.means()[tissue] - mixtureMoments.mean()) / deviation;
                    signal[tissue] += 0.9 * (targets[tissue] - achieved);
                }
            }
            double wanted = depth * depth + 0.8 * (1 - deviation * deviation) / tailVariance();
            depth = Math.sqrt(Math.max(0, Math.min(DEEPEST_TAIL * DEEPEST_TAIL, wanted)));
        }
        paint(signal, depth, values);
        smooth(values);
        return finish(values);
    }

    /** This patient's mean z-scores: the table's, varied, made to sum to zero, and no farther apart than unit variance allows. */
    private double[] targets() {
        double[] targets = contrast.means().clone();
        int[] counts = MixtureMoments.of(new float[count], mixture.tissue()).counts();
        for (int tissue = 0; tissue < targets.length; tissue++) {
            targets[tissue] = randomSource.normal(targets[tissue], contrast.spreads()[tissue]);
        }
        double healthy = 0;
        double lesion = 0;
        for (int tissue = 0; tissue < targets.length; tissue++) {
            double part = (double) counts[tissue] / count * targets[tissue] * targets[tissue];
            if (tissue < Contrast.NCR) {
                healthy += part;
            } else {
                lesion += part;
            }
        }
        double shrink = Math.min(1, Math.sqrt(Math.max(0.2, BETWEEN - healthy) / Math.max(lesion, 1e-9)));
        dim(targets, shrink, counts);
        return targets;
    }

    /** Takes the tumour's targets nearer to the mean and lets CSF make the mean of all zero again. */
    private static void dim(double[] targets, double factor, int[] counts) {
        double rest = 0;
        for (int tissue = 1; tissue < targets.length; tissue++) {
            targets[tissue] *= tissue < Contrast.NCR ? 1 : factor;
            rest += targets[tissue] * counts[tissue];
        }
        targets[Anatomy.CSF] = -rest / Math.max(1, counts[Anatomy.CSF]);
    }

    private void paint(double[] signal, double depth, float[] values) {
        Brain brain = mixture.brain();
        for (int v = 0; v < count; v++) {
            double healthy = brain.csf()[v] * signal[Anatomy.CSF]
                    + brain.grey()[v] * signal[Anatomy.GM]
                    + brain.white()[v] * signal[Anatomy.WM]
                    + mixture.spot()[v] * contrast.spots()
                    + mixture.dura()[v] * contrast.dura()
                    + brain.surface()[v] * contrast.surface()
                    + depth * tail[v]
                    + texture * uneven[v];
            double swollen =
                    signal[Contrast.ED] + 0.3 * (healthy - signal[Anatomy.WM]) + contrast.patchiness() * lively[v];
            double value = healthy + mixture.oedema()[v] * (swollen - healthy);
            value += mixture.vessel()[v] * (contrast.vessels() - value);
            if (mixture.core()[v] > 0) {
                double step = signal[Contrast.ET] - signal[Contrast.NCR];
                double ring = signal[Contrast.ET] + lively[v] * (contrast.patchiness() + 0.3 * Math.abs(step));
                double dead = signal[Contrast.NCR] + 1.2 * contrast.patchiness() * lively[v];
                double core = mixture.enhancing()[v] * ring + (1 - mixture.enhancing()[v]) * dead;
                value += mixture.core()[v] * (core + 0.4 * texture * uneven[v] - value);
            }
            values[v] = (float) ((contrast.level() + value) * bias[v]);
        }
    }

    /**
     * Where the signal strays farthest from the brain's mean, and which way: fluid and surface in the dark, or, where fluid
     * is bright, fluid away from the surface. It is scaled until the whole brain has unit variance.
     */
    private float[] tail() {
        Brain brain = mixture.brain();
        float[] pattern = new float[count];
        for (int v = 0; v < count; v++) {
            double fluid = brain.csf()[v];
            double surface = brain.surface()[v];
            pattern[v] = (float)
                    (contrast.brightFluid()
                            ? fluid * (1 - surface) * (0.45 + 0.55 * brain.ventricle()[v])
                            : -fluid * (0.5 + 0.5 * Math.max(surface * surface, brain.ventricle()[v])));
        }
        return pattern;
    }

    private double tailVariance() {
        return Math.max(1e-3, MixtureMoments.of(tail, mixture.tissue()).variance());
    }

    private float[] blurredMask() {
        Size size = mixture.brain().grid().size();
        float[] mask = new float[size.voxels()];
        for (int place : mixture.brain().places()) {
            mask[place] = 1;
        }
        return GaussianFilter.gaussian(mask, size, blur[0], blur[1], blur[2]);
    }

    /** Blurs within the brain, as if nothing lay outside; no signal is negative. */
    private void smooth(float[] values) {
        Size size = mixture.brain().grid().size();
        int[] places = mixture.brain().places();
        float[] image = new float[size.voxels()];
        for (int v = 0; v < count; v++) {
            image[places[v]] = values[v];
        }
        float[] blurred = GaussianFilter.gaussian(image, size, blur[0], blur[1], blur[2]);
        for (int v = 0; v < count; v++) {
            values[v] = Math.max(0, blurred[places[v]] / blurredMask[places[v]]);
        }
    }

    private Volume finish(float[] values) {
        int[] places = mixture.brain().places();
        float[] voxels = new float[mixture.brain().grid().size().voxels()];
        for (int v = 0; v < count; v++) {
            double real = values[v] + noise * randomSource.normal();
            double imaginary = noise * randomSource.normal();
            double magnitude = scale * Math.sqrt(real * real + imaginary * imaginary);
            voxels[places[v]] = (float) Math.max(1, Math.min(32767, Math.rint(magnitude)));
        }
        return new Volume(mixture.brain().grid(), voxels);
    }
}
