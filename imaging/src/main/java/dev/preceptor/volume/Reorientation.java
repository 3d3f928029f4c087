package dev.preceptor.volume;

import dev.preceptor.base.MismatchException;

/**
 * Reorders the voxels of a grid into another orientation by permuting and flipping axes, without interpolation. {@link
 * #undo} restores exactly the original grid and voxels. Immutable, thread-safe.
 */
public final class Reorientation {
    private final Grid from;
    private final Grid to;
    /** By how much the source index grows along each target axis. */
    private final int[] steps = new int[3];
    /** The source index of target voxel 0. */
    private final int origin;

    private Reorientation(Grid from, Orientation orientation) {
        this.from = from;
        Orientation sourceOrientation = Orientation.of(from.affine());
        double[][] toSource = new double[3][4];
        int[] extent = new int[3];
        int[] strides = {1, from.size().x(), from.size().x() * from.size().y()};
        int first = 0;
        for (int t = 0; t < 3; t++) {
            for (int s = 0; s < 3; s++) {
                if (sourceOrientation.worldAxis(s) == orientation.worldAxis(t)) {
                    boolean isFlipped = sourceOrientation.isNegative(s) != orientation.isNegative(t);
                    extent[t] = from.size().along(s);
                    steps[t] = isFlipped ? -strides[s] : strides[s];
                    first += isFlipped ? strides[s] * (extent[t] - 1) : 0;
                    toSource[s][t] = isFlipped ? -1 : 1;
                    toSource[s][3] = isFlipped ? extent[t] - 1 : 0;
                }
            }
        }
        this.origin = first;
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
     * A volume on {@link #from()}, reoriented. It shares the voxels if the orientation is the same.
     *
     * @throws MismatchException if the volume is not on {@link #from()}
     */
    public Volume apply(Volume volume) {
        volume.grid().requireMatches(from, "the volume", "this reorientation");
        if (isIdentity()) {
            return new Volume(to, volume.voxels());
        }
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

    private boolean isIdentity() {
        return steps[0] == 1
                && steps[1] == from.size().x()
                && steps[2] == from.size().x() * from.size().y();
    }

    private interface IndexPairConsumer {
        void accept(int sourceIndex, int targetIndex);
    }

    private void forEach(IndexPairConsumer consumer) {
        int b = 0;
        for (int k = 0; k < to.size().z(); k++) {
            for (int j = 0; j < to.size().y(); j++) {
                int a = sourceIndex(0, j, k);
                for (int i = 0; i < to.size().x(); i++) {
                    consumer.accept(a, b++);
                    a += steps[0];
                }
            }
        }
    }

    /**
     * The indices on {@link #from()} of voxels in one row of {@link #to()}.
     *
     * @param xs first coordinates of the voxels
     * @param y their second coordinate
     * @param z their third coordinate
     * @param indices receives the indices
     * @param at position in {@code indices} of the first one
     */
    public void sourceIndices(int[] xs, int y, int z, int[] indices, int at) {
        int row = sourceIndex(0, y, z);
        for (int i = 0; i < xs.length; i++) {
            indices[at + i] = row + xs[i] * steps[0];
        }
    }

    /** The index on {@link #from()} of a voxel of {@link #to()}. */
    private int sourceIndex(int x, int y, int z) {
        return origin + x * steps[0] + y * steps[1] + z * steps[2];
    }
}
