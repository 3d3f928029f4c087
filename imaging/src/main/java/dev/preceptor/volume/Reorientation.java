package dev.preceptor.volume;

import dev.preceptor.base.MismatchException;

/**
 * Turns voxels of one grid into another orientation by permuting and flipping axes, and exactly back: no voxel is
 * interpolated, and the way back ends on the very grid it started from.
 */
public final class Reorientation {
    private final Grid from;
    private final Grid to;
    /** For each axis of the target, the axis of the source that becomes it. */
    private final int[] source = new int[3];

    private final boolean[] flipped = new boolean[3];

    private Reorientation(Grid from, Orientation orientation) {
        this.from = from;
        Orientation now = Orientation.of(from.affine());
        double[][] toSource = new double[3][4];
        int[] extent = new int[3];
        for (int t = 0; t < 3; t++) {
            for (int s = 0; s < 3; s++) {
                if (now.worldAxis(s) == orientation.worldAxis(t)) {
                    source[t] = s;
                    flipped[t] = now.isNegative(s) != orientation.isNegative(t);
                    extent[t] = from.size().along(s);
                    toSource[s][t] = flipped[t] ? -1 : 1;
                    toSource[s][3] = flipped[t] ? extent[t] - 1 : 0;
                }
            }
        }
        this.to = new Grid(
                new Size(extent[0], extent[1], extent[2]), from.affine().times(Affine.of(toSource)));
    }

    /** From a grid to the orientation: voxel axes are matched to the world axes they are closest to. */
    public static Reorientation of(Grid from, Orientation to) {
        return new Reorientation(from, to);
    }

    /** Where it starts. */
    public Grid from() {
        return from;
    }

    /** Where it ends: the same points of the world, counted in another order. */
    public Grid to() {
        return to;
    }

    /** There. */
    public Volume apply(Volume volume) {
        volume.grid().requireMatches(from, "the volume", "this reorientation");
        float[] out = new float[volume.voxels().length];
        forEach((a, b) -> out[b] = volume.voxels()[a]);
        return new Volume(to, out);
    }

    /** There. */
    public LabelMap apply(LabelMap labels) {
        labels.grid().requireMatches(from, "the label map", "this reorientation");
        byte[] out = new byte[labels.voxels().length];
        forEach((a, b) -> out[b] = labels.voxels()[a]);
        return new LabelMap(to, out, labels.schema());
    }

    /**
     * And back.
     *
     * @throws MismatchException if the volume does not lie on {@link #to()}
     */
    public Volume undo(Volume volume) {
        volume.grid().requireMatches(to, "the volume", "this reorientation");
        float[] out = new float[volume.voxels().length];
        forEach((a, b) -> out[a] = volume.voxels()[b]);
        return new Volume(from, out);
    }

    /**
     * And back.
     *
     * @throws MismatchException if the label map does not lie on {@link #to()}
     */
    public LabelMap undo(LabelMap labels) {
        labels.grid().requireMatches(to, "the label map", "this reorientation");
        byte[] out = new byte[labels.voxels().length];
        forEach((a, b) -> out[a] = labels.voxels()[b]);
        return new LabelMap(from, out, labels.schema());
    }

    private interface Pairs {
        void accept(int sourceIndex, int targetIndex);
    }

    private void forEach(Pairs pairs) {
        int[] sourceStride = {1, from.size().x(), from.size().x() * from.size().y()};
        int start = 0;
        int[] step = new int[3];
        for (int t = 0; t < 3; t++) {
            int stride = sourceStride[source[t]];
            step[t] = flipped[t] ? -stride : stride;
            start += flipped[t] ? stride * (to.size().along(t) - 1) : 0;
        }
        int b = 0;
        for (int k = 0; k < to.size().z(); k++) {
            for (int j = 0; j < to.size().y(); j++) {
                int a = start + j * step[1] + k * step[2];
                for (int i = 0; i < to.size().x(); i++) {
                    pairs.accept(a, b++);
                    a += step[0];
                }
            }
        }
    }
}
