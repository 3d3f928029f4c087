package dev.preceptor.augment;

import dev.preceptor.base.Settings;

/**
 * How patches are changed before a network is trained on them; the {@code augmentation} block of a recipe. A probability of 0
 * switches a change off. Mirroring is {@code sampling.flip}.
 *
 * @param rotation degrees about each axis, drawn for each, -180 to 180
 * @param scaling how much of the image a patch shows along each axis, 0.2 to 5; above 1 things get smaller
 * @param elastic the furthest that a control point moves over the distance of control points, which is a quarter of the patch;
 *     0 to 0.4, up to which nothing folds
 * @param motion degrees about, and voxels along, each axis by which the patient moves, 0 to 45
 * @param ghosting the share of every n-th line of k-space that is lost, 0 to 1
 * @param spike amplitude of the wave of a wrong sample of k-space over the standard deviation of the sequence, 0 to 10
 * @param biasField the largest coefficient of the field in the exponent, 0 to 1
 * @param noise standard deviation in units of the normalised sequence, 0 to 5
 * @param blur standard deviation in voxels along each axis, 0 to 10
 * @param brightness factor, 0.1 to 10
 * @param contrast factor about the mean, 0.1 to 10
 * @param lowResolution the share of the voxels along each axis that is left, 0.05 to 1
 * @param gammaInverted the power that the negative is raised to, 0.1 to 10
 * @param gamma the power that the intensities are raised to, 0.1 to 10
 * @param sequenceDropout the probability that a sequence is missing (0) from the input of a teacher that is trained on several
 *     by itself, 0 to 1; one stays. A student's never is.
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
            String key, SpatialTransformSettings spatialTransformSettings, double least, double most, String unit) {
        requireProbability(key + ".probability", spatialTransformSettings.probability());
        requireBounds(key, spatialTransformSettings.from(), spatialTransformSettings.to(), least, most, unit);
    }

    private static void require(
            String key, TransformSettings transformSettings, double least, double most, String unit) {
        requireProbability(key + ".probability", transformSettings.probability());
        requireProbability(key + ".perSequence", transformSettings.perSequence());
        requireBounds(key, transformSettings.from(), transformSettings.to(), least, most, unit);
    }

    private static void requireProbability(String key, double probability) {
        Settings.require(
                probability >= 0 && probability <= 1, "augmentation." + key, "a probability from 0 to 1", probability);
    }

    private static void requireBounds(String key, double from, double to, double least, double most, String unit) {
        String range = unit + " from " + least + " to " + most;
        Settings.require(from >= least && from <= most, "augmentation." + key + ".from", range, from);
        Settings.require(
                to >= from && to <= most, "augmentation." + key + ".to", range + " and not below \"from\"", to);
    }
}
