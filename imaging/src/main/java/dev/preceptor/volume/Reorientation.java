package dev.preceptor.volume;

import dev.preceptor.base.MismatchException;

/**
 * Reorders the voxels of a grid into another orientation by permuting and flipping axes, without interpolation. {@link
 * #undo} restores exactly the original grid and voxels. Immutable, thread-safe.
 */
public final class Reorientation {
    private final Grid from;
    private final Grid to;
    /** The source axis of each target axis. */
    private final int[] source = new int[3];

    private final boolean[] flipped = new boolean[3];

    private Reorientation(Grid from, Orientation orientation) {
        this.from = from;
        Orientation sourceOrientation = Orientation.of(from.affine());
        double[][] toSource = new double[3][4];
        int[] extent = new int[3];
        for (int t = 0; t < 3; t++) {
            for (int s = 0; s < 3; s++) {
                if (sourceOrientation.worldAxis(s) == orientation.worldAxis(t)) {
                    source[t] = s;
                    flipped[t] = sourceOrientation.isNegative(s) != orientation.isNegative(t);
                    extent[t] = from.size().along(s);
                    toSource[s][t] = flipped[t] ? -1 : 1;
                    toSource[s][3] = flipped[t] ? extent[t] - 1 : 0;
                }
            }
        }
        this.to = new Grid(
                new Size(extent[0], extent[1], extent[2]), from.affine().times(Affine.of(toSource)));
    }

    /** The reorientation of a grid; each voxel axis is assigned to its closest world axis. */
    public static Reorientation of(Grid from, Orientation to) {
        return new Reorientation(from, to);
    }

    /** The original grid. */
    public Grid from() {
        return from;
    }

    /** The reoriented grid: the same points of the world with other voxel indices. */
    public Grid to() {
        return to;
    }

    /**
     * A volume on {@link #from()}, reoriented.
     *
     * @throws MismatchException if the volume is not on {@link #from()}
     */
    public Volume apply(Volume volume) {
        volume.grid().requireMatches(from, "the volume", "this reorientation");
        float[] out = new float[volume.voxels().length];
        forEach((a, b) -> out[b] = volume.voxels()[a]);
        return new Volume(to, out);
    }

    /**
     * A label map on {@link #from()}, reoriented.
     *
     * @throws MismatchException if the label map is not on {@link #from()}
     */
    public LabelMap apply(LabelMap labels) {
        labels.grid().requireMatches(from, "the label map", "this reorientation");
        byte[] out = new byte[labels.voxels().length];
        forEach((a, b) -> out[b] = labels.voxels()[a]);
        return new LabelMap(to, out, labels.schema());
    }

    /**
     * A volume on {@link #to()}, back on {@link #from()}.
     *
     * @throws MismatchException if the volume is not on {@link #to()}
     */
    public Volume undo(Volume volume) {
        volume.grid().requireMatches(to, "the volume", "this reorientation");
        float[] out = new float[volume.voxels().length];
        forEach((a, b) -> out[a] = volume.voxels()[b]);
        return new Volume(from, out);
    }

    /**
     * A label map on {@link #to()}, back on {@link #from()}.
     *
     * @throws MismatchException if the label map is not on {@link #to()}
     */
    public LabelMap undo(LabelMap labels) {
        labels.grid().requireMatches(to, "the label map", "this reorientation");
        byte[] out = new byte[labels.voxels().length];
        forEach((a, b) -> out[a] = labels.voxels()[b]);
        return new LabelMap(from, out, labels.schema());
    }

    private interface IndexPairConsumer {
        void accept(int sourceIndex, int targetIndex);
    }

    private void forEach(IndexPairConsumer consumer) {
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
                    consumer.accept(a, b++);
                    a += step[0];
                }
            }
        }
    }
}
