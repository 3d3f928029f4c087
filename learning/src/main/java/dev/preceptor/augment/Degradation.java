package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Intensities;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;

/**
 * Ways in which a scan is worse than those of a training, for whole images: the artefacts of training patches
 * (docs/guide/augmentation.md), of strengths that a network meets in practice and beyond.
 */
public enum Degradation {
    /** Gaussian noise of 0.1 to 1 standard deviations of the image. */
    NOISE(0.1, 1, true, Noise::draw),
    /** A bias field whose logarithm has coefficients up to 0.1 to 0.5. */
    BIAS_FIELD(0.1, 0.5, false, BiasField::draw),
    /** Movements during the scan by up to 1 to 10 degrees and voxels. */
    MOTION(1, 10, true, Motion::draw),
    /** A fifth to seven tenths of the voxels along each axis. */
    LOW_RESOLUTION(0.2, 0.7, true, LowResolution::draw);

    private final TransformSettings settings;
    /** Whether z-scores are changed, so that the background is as bright as the mean of the brain, or the intensities themselves. */
    private final boolean changesScores;

    private final IntensityTransform.Kind kind;

    Degradation(double from, double to, boolean changesScores, IntensityTransform.Kind kind) {
        this.settings = new TransformSettings(1, from, to, 1);
        this.changesScores = changesScores;
        this.kind = kind;
    }

    /**
     * A degraded image on the same grid. The background of 0 stays.
     *
     * @param random draws strength and artefact
     */
    public Volume of(Volume image, RandomSource random) {
        Intensities.Statistics statistics =
                changesScores ? Intensities.nonZero(image.voxels()) : new Intensities.Statistics(0, 1);
        float[] values = Intensities.zScoreNonZero(image.voxels(), statistics);
        // An x-fastest array is a z-fastest one of the reversed axes.
        Size size = image.size();
        Channel channel = new Channel(values, 0, new Size(size.z(), size.y(), size.x()));
        kind.draw(settings, channel.size(), random).apply(channel);
        for (int i = 0; i < values.length; i++) {
            values[i] = image.voxels()[i] == 0 ? 0 : (float) (statistics.mean() + statistics.deviation() * values[i]);
        }
        return new Volume(image.grid(), values);
    }
}
