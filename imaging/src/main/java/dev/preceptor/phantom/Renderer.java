package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.stream.DoubleStream;

/**
 * Renders one sequence of one patient: mixed tissues, variation within tissues, bias field, blur and Rician noise.
 * Tissue signals are adjusted iteratively until their mean z-scores, measured after all of these effects, reach the
 * targets of the patient.
 */
final class Renderer {
    private static final int ITERATIONS = 9;
    private static final double MAX_DEVIATION = 1.2;
    private static final double MAX_TAIL = 4;
    /**
     * The share of the unit variance available for differences between tissues; the rest is variation within tissues.
     */
    private static final double BETWEEN_VARIANCE = 0.85;

    private final Mixture mixture;
    private final Contrast contrast;
    private final int count;
    private final float[] tailPattern;
    private final float[] texturePattern;
    private final float[] patchPattern;
    private final float[] bias;
    private final RandomSource randomSource;
    private final Scanner scanner;
    private final double[] blur;
    private final float[] blurredMask;

    Renderer(Mixture mixture, Contrast contrast, Population population, RandomStreams streams, long subject) {
        this.mixture = mixture;
        this.contrast = contrast;
        count = mixture.brain().count();
        String name = contrast.sequence().name();
        randomSource = new RandomSource(streams.stream("render/" + name, subject));
        scanner = population.scanner(contrast, randomSource);
        double spacing = mixture.brain().grid().spacing()[0];
        blur = DoubleStream.of(scanner.blur()).map(sigma -> sigma / spacing).toArray();
        blurredMask = blurredMask();
        tailPattern = tailPattern();
        texturePattern = new float[count];
        patchPattern = new float[count];
        bias = new float[count];
        SmoothNoise sequenceNoise = new SmoothNoise(streams.stream("render/own/" + name, subject));
        SmoothNoise sharedNoise = new SmoothNoise(streams.stream("render/common", subject));
        SmoothNoise biasNoise = new SmoothNoise(streams.stream("render/coil/" + name, subject));
        double[] p = new double[3];
        for (int v = 0; v < count; v++) {
            mixture.brain().world(v, p);
            texturePattern[v] = (float) (0.8 * sequenceNoise.octaves(p[0] / 34, p[1] / 34, p[2] / 34, 4)
                    + 0.6 * sharedNoise.octaves(p[0] / 20, p[1] / 20, p[2] / 20, 3));
            patchPattern[v] = (float) sharedNoise.octaves(p[0] / 19 + 50, p[1] / 19, p[2] / 19, 3);
            bias[v] = (float) (1 + scanner.shading() * biasNoise.at(p[0] / 130, p[1] / 130, p[2] / 130 + 7));
        }
    }

    /** The rendered volume: whole numbers from 1 to 32767 in the brain, 0 outside. */
    Volume render() {
        double[] targets = targets();
        double[] signal = targets.clone();
        double depth = 1;
        float[] values = new float[count];
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            composeSignal(signal, depth, values);
            smooth(values);
            TissueStatistics statistics = TissueStatistics.of(values, mixture.tissue());
            double deviation = Math.sqrt(statistics.variance() + scanner.noise() * scanner.noise());
            if (deviation > MAX_DEVIATION) {
                // The targets require more than unit variance; without this, the signals would diverge.
                shrinkLesionTargets(targets, Math.max(0.9, MAX_DEVIATION / deviation), statistics.counts());
            }
            for (int tissue = 0; tissue < Contrast.TISSUES; tissue++) {
                if (statistics.counts()[tissue] > 0) {
                    double achieved = (statistics.means()[tissue] - statistics.mean()) / deviation;
                    signal[tissue] += 0.9 * (targets[tissue] - achieved);
                }
            }
            double squaredDepth = depth * depth + 0.8 * (1 - deviation * deviation) / tailVariance();
            depth = Math.sqrt(Math.max(0, Math.min(MAX_TAIL * MAX_TAIL, squaredDepth)));
        }
        composeSignal(signal, depth, values);
        smooth(values);
        return finish(values);
    }

    /**
     * The mean z-scores of this patient: those of the table with random variation, shifted to zero mean, and reduced to
     * what unit variance allows.
     */
    private double[] targets() {
        double[] targets = contrast.means().clone();
        int[] counts = TissueStatistics.of(new float[count], mixture.tissue()).counts();
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
        double shrink = Math.min(1, Math.sqrt(Math.max(0.2, BETWEEN_VARIANCE - healthy) / Math.max(lesion, 1e-9)));
        shrinkLesionTargets(targets, shrink, counts);
        return targets;
    }

    /**
     * Scales the targets of the tumour towards the mean, and sets that of CSF so that the mean of all voxels is zero.
     */
    private static void shrinkLesionTargets(double[] targets, double factor, int[] counts) {
        double rest = 0;
        for (int tissue = 1; tissue < targets.length; tissue++) {
            targets[tissue] *= tissue < Contrast.NCR ? 1 : factor;
            rest += targets[tissue] * counts[tissue];
        }
        targets[Anatomy.CSF] = -rest / Math.max(1, counts[Anatomy.CSF]);
    }

    private void composeSignal(double[] signal, double depth, float[] values) {
        Brain brain = mixture.brain();
        for (int v = 0; v < count; v++) {
            double healthy = brain.csf()[v] * signal[Anatomy.CSF]
                    + brain.grey()[v] * signal[Anatomy.GM]
                    + brain.white()[v] * signal[Anatomy.WM]
                    + mixture.spot()[v] * contrast.spots()
                    + mixture.dura()[v] * contrast.dura()
                    + brain.surface()[v] * contrast.surface()
                    + depth * tailPattern[v]
                    + scanner.texture() * texturePattern[v];
            double oedematous = signal[Contrast.ED]
                    + 0.3 * (healthy - signal[Anatomy.WM])
                    + contrast.patchiness() * patchPattern[v];
            double value = healthy + mixture.oedema()[v] * (oedematous - healthy);
            value += mixture.vessel()[v] * (contrast.vessels() - value);
            if (mixture.core()[v] > 0) {
                double step = signal[Contrast.ET] - signal[Contrast.NCR];
                double enhancingCore = signal[Contrast.ET]
                        + patchPattern[v] * (contrast.patchiness() + contrast.unevenness() * Math.abs(step));
                double necroticCore = signal[Contrast.NCR] + 1.2 * contrast.patchiness() * patchPattern[v];
                if (mixture.blood()[v] > 0) {
                    necroticCore += mixture.blood()[v] * (contrast.blood() - necroticCore);
                }
                double core = mixture.enhancing()[v] * enhancingCore + (1 - mixture.enhancing()[v]) * necroticCore;
                value += mixture.core()[v] * (core + 0.4 * scanner.texture() * texturePattern[v] - value);
            }
            values[v] = (float) ((contrast.level() + value) * bias[v]);
        }
    }

    /**
     * The spatial pattern of the largest deviations from the mean: dark fluid and surface, or, if fluid is bright,
     * fluid away from the surface. It is scaled until the brain has unit variance.
     */
    private float[] tailPattern() {
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
        return Math.max(1e-3, TissueStatistics.of(tailPattern, mixture.tissue()).variance());
    }

    private float[] blurredMask() {
        Size size = mixture.brain().grid().size();
        float[] mask = new float[size.voxels()];
        for (int place : mixture.brain().voxelIndices()) {
            mask[place] = 1;
        }
        return GaussianFilter.gaussian(mask, size, blur[0], blur[1], blur[2]);
    }

    /** Blurs within the brain, ignoring voxels outside, and clamps negative signals to 0. */
    private void smooth(float[] values) {
        Size size = mixture.brain().grid().size();
        int[] voxelIndices = mixture.brain().voxelIndices();
        float[] image = new float[size.voxels()];
        for (int v = 0; v < count; v++) {
            image[voxelIndices[v]] = values[v];
        }
        float[] blurred = GaussianFilter.gaussian(image, size, blur[0], blur[1], blur[2]);
        for (int v = 0; v < count; v++) {
            values[v] = Math.max(0, blurred[voxelIndices[v]] / blurredMask[voxelIndices[v]]);
        }
    }

    /** The signal after the non-linear transfer of the scanner, which leaves 0 and the mean of the brain as they are. */
    private double transferred(double value) {
        double level = contrast.level();
        return scanner.gamma() == 1 ? value : level * StrictMath.pow(value / level, scanner.gamma());
    }

    private Volume finish(float[] values) {
        int[] voxelIndices = mixture.brain().voxelIndices();
        float[] voxels = new float[mixture.brain().grid().size().voxels()];
        for (int v = 0; v < count; v++) {
            double real = transferred(values[v]) + scanner.noise() * randomSource.normal();
            double imaginary = scanner.noise() * randomSource.normal();
            double magnitude = scanner.scale() * Math.sqrt(real * real + imaginary * imaginary);
            voxels[voxelIndices[v]] = (float) Math.max(1, Math.min(32767, Math.rint(magnitude)));
        }
        return new Volume(mixture.brain().grid(), voxels);
    }
}
