package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Ghosting by periodic motion: every n-th line of k-space along an axis, except the central one, is attenuated, which
 * overlays n copies of the image at distances of extent / n (equivalent to TorchIO's {@code RandomGhosting} in k-space).
 * Where n does not divide the extent, shifts are rounded to whole voxels.
 *
 * @param strength attenuation of these lines, 0 to 1
 * @param copies n, at least 2
 * @param axis across the lines: 0, 1 or 2
 */
record Ghosting(double strength, int copies, int axis) implements IntensityTransform {
    private static final int MIN_COPIES = 4;
    private static final int MAX_COPIES = 10;

    static Ghosting draw(TransformSettings settings, Size size, RandomSource random) {
        return new Ghosting(
                settings.draw(random), MIN_COPIES + random.below(MAX_COPIES - MIN_COPIES + 1), random.below(3));
    }

    @Override
    public void apply(DeferredChannel channel) {
        Lines.along(channel.materialise(), axis, this::overlay);
    }

    private void overlay(float[][] in, float[][] out, int width) {
        int count = in.length;
        float share = (float) (-strength / copies);
        float[] means = new float[width];
        for (float[] line : in) {
            // The central line of k-space is the mean along the axis; it is not attenuated.
            Lines.add(line, (float) (strength / count), means, width);
        }
        for (int i = 0; i < count; i++) {
            Lines.set(in[i], 1 + share, out[i], width);
            Lines.add(means, 1, out[i], width);
            for (int copy = 1; copy < copies; copy++) {
                int shift = (int) Math.rint((double) copy * count / copies);
                Lines.add(in[Math.floorMod(i - shift, count)], share, out[i], width);
            }
        }
    }
}
