package dev.preceptor.augment;

import dev.preceptor.base.Settings;

/**
 * Data augmentation of training patches; the {@code augmentation} block of a recipe (docs/guide/augmentation.md). A
 * probability of 0 switches a transform off. Mirroring is {@code sampling.flip}.
 *
 * @param rotation degrees about each axis, drawn for each axis, -180 to 180
 * @param scaling extent of the image region that a patch shows, divided by the patch's extent, 0.2 to 5; above 1 objects
 *     shrink
 * @param elastic maximal displacement of a control point, divided by the spacing of control points, which is a quarter of the
 *     patch; 0 to 0.4, up to which the displacement is invertible
 * @param motion rotation about each axis in degrees, and translation along each axis in voxels, 0 to 45
 * @param ghosting attenuation of every n-th line of k-space, 0 to 1
 * @param spike amplitude of the wave of a spike in k-space, divided by the standard deviation of the sequence, 0 to 10
 * @param biasField maximal coefficient of the logarithm of the bias field, 0 to 1
 * @param noise standard deviation in the unit of the normalised sequence, 0 to 5
 * @param blur standard deviation in voxels along each axis, 0 to 10
 * @param brightness factor, 0.1 to 10
 * @param contrast factor about the mean, 0.1 to 10
 * @param lowResolution share of the voxels along each axis that remain, 0.05 to 1
 * @param gammaInverted power of the negated intensities, 0.1 to 10
 * @param gamma power of the intensities, 0.1 to 10
 * @param sequenceDropout probability that a sequence is set to 0 in the input of a teacher that is trained alone, 0 to 1; one
 *     sequence always remains. Inputs of a student are never dropped
 */
public record Augmentation(
        SpatialTransformSettings rotation,
        SpatialTransformSettings scaling,
        SpatialTransformSettings elastic,
        TransformSettings motion,
        TransformSettings ghosting,
        TransformSettings spike,
        TransformSettings biasField,
        TransformSettings noise,
        TransformSettings blur,
        TransformSettings brightness,
        TransformSettings contrast,
        TransformSettings lowResolution,
        TransformSettings gammaInverted,
        TransformSettings gamma,
        double sequenceDropout) {

    public Augmentation {
        require("rotation", rotation, -180, 180, "degrees");
        require("scaling", scaling, 0.2, 5, "a factor");
        require("elastic", elastic, 0, 0.4, "a share");
        require("motion", motion, 0, 45, "degrees and voxels");
        require("ghosting", ghosting, 0, 1, "a share");
        require("spike", spike, 0, 10, "standard deviations");
        require("biasField", biasField, 0, 1, "a coefficient");
        require("noise", noise, 0, 5, "a standard deviation");
        require("blur", blur, 0, 10, "voxels");
        require("brightness", brightness, 0.1, 10, "a factor");
        require("contrast", contrast, 0.1, 10, "a factor");
        require("lowResolution", lowResolution, 0.05, 1, "a share");
        require("gammaInverted", gammaInverted, 0.1, 10, "a power");
        require("gamma", gamma, 0.1, 10, "a power");
        requireProbability("sequenceDropout", sequenceDropout);
    }

    private static void require(
            String key, SpatialTransformSettings settings, double minimum, double maximum, String unit) {
        requireProbability(key + ".probability", settings.probability());
        requireBounds(key, settings.from(), settings.to(), minimum, maximum, unit);
    }

    private static void require(String key, TransformSettings settings, double minimum, double maximum, String unit) {
        requireProbability(key + ".probability", settings.probability());
        requireProbability(key + ".perSequence", settings.perSequence());
        requireBounds(key, settings.from(), settings.to(), minimum, maximum, unit);
    }

    private static void requireProbability(String key, double probability) {
        Settings.require(
                probability >= 0 && probability <= 1, "augmentation." + key, "a probability from 0 to 1", probability);
    }

    private static void requireBounds(String key, double from, double to, double minimum, double maximum, String unit) {
        String range = unit + " from " + minimum + " to " + maximum;
        Settings.require(from >= minimum && from <= maximum, "augmentation." + key + ".from", range, from);
        Settings.require(
                to >= from && to <= maximum, "augmentation." + key + ".to", range + " and not below \"from\"", to);
    }
}
