package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * What pulsation does: every n-th line of k-space along an axis is weaker, all but the middle one, so that n copies of the image
 * lie over it, the extent of the patch over n apart (TorchIO's {@code RandomGhosting} tells the same in k-space). Where n does
 * not divide the extent copies are shifted by whole voxels.
 *
 * @param strength the share of these lines that is lost, 0 to 1
 * @param copies n, at least 2
 * @param axis 0, 1 or 2
 */
record Ghosting(double strength, int copies, int axis) implements IntensityTransform {
    private static final int FEWEST = 4;
    private static final int MOST = 10;

    static Ghosting draw(TransformSettings transformSettings, Size size, RandomSource randomSource) {
        return new Ghosting(
                transformSettings.draw(randomSource),
                FEWEST + randomSource.below(MOST - FEWEST + 1),
                randomSource.below(3));
    }

    @Override
    public void apply(Channel channel) {
        Lines.along(channel, axis, this::overlay);
    }

    private void overlay(float[] in, float[] out, int count, int width) {
        float share = (float) (-strength / copies);
        float[] means = new float[width];
        for (int i = 0; i < count; i++) {
            // The middle line of k-space is the mean along the axis, and keeps its strength.
            Lines.add(in, i * width, (float) (strength / count), means, 0, width);
        }
        for (int i = 0; i < count; i++) {
            Lines.set(in, i * width, 1 + share, out, i * width, width);
            Lines.add(means, 0, 1, out, i * width, width);
            for (int copy = 1; copy < copies; copy++) {
                int shift = (int) Math.rint((double) copy * count / copies);
                Lines.add(in, Math.floorMod(i - shift, count) * width, share, out, i * width, width);
            }
        }
    }
}
