package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;

/**
 * What the sequences of one subject have in common because one scanner made them.
 *
 * @param noise standard deviation of the noise, in standard deviations of the brain
 * @param shading standard deviation of the bias field, relative to the signal: from 0.02 at low field to 0.2
 * @param plane standard deviation of the point spread function within a slice in millimetres
 * @param isThreeDimensional whether all sequences have thin slices
 */
record ScannerProfile(double noise, double shading, double plane, boolean isThreeDimensional) {

    static ScannerProfile draw(RandomSource randomSource) {
        double noise = randomSource.logNormal(0.12, 0.5);
        double shading = randomSource.logNormal(0.045, 0.5);
        double plane = randomSource.uniform(0.35, 1.1);
        return new ScannerProfile(noise, shading, plane, randomSource.chance(0.3));
    }

    /** The acquisition of one sequence: mostly axial, some sagittal or coronal slices of 1 to 6 mm. */
    Scanner scanner(Contrast contrast, RandomSource randomSource) {
        double ownNoise = noise * randomSource.logNormal(1, 0.25);
        double scale = randomSource.logNormal(260, 1.1);
        // A slice of thickness d blurs like a Gaussian of d / sqrt(12).
        double thickness = randomSource.uniform(2, 6) / Math.sqrt(12);
        int axis = randomSource.chance(0.75) ? 2 : randomSource.below(2);
        double[] blur = {plane, plane, plane};
        if (!isThreeDimensional) {
            blur[axis] = Math.max(plane, thickness);
        }
        double texture = contrast.texture() * randomSource.uniform(0.5, 1.4);
        double ownShading = shading * randomSource.logNormal(1, 0.25);
        double gamma = randomSource.logNormal(1, 0.15);
        return new Scanner(ownNoise, scale, blur, texture, ownShading, gamma);
    }
}
