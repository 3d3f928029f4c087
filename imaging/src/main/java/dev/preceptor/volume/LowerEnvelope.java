package dev.preceptor.volume;

/**
 * The lower envelope of the parabolas over one line of voxels (Felzenszwalb and Huttenlocher, Theory of Computing 8,
 * 2012), with its buffers. Not thread-safe.
 */
final class LowerEnvelope {
    private final int length;
    private final double squaredEdge;
    private final double[] values;
    private final int[] vertices;
    private final double[] starts;

    LowerEnvelope(int length, double edge) {
        this.length = length;
        this.squaredEdge = edge * edge;
        this.values = new double[length];
        this.vertices = new int[length];
        this.starts = new double[length];
    }

    /**
     * Adds the distances along this axis: replaces squared distances along the other axes by squared distances that
     * include this one.
     *
     * @param data squared distances in mm²
     * @param offset the index of the first voxel of the line
     * @param stride the distance between voxels of the line in {@code data}
     */
    void transform(double[] data, int offset, int stride) {
        int last = -1;
        for (int q = 0; q < length; q++) {
            double value = data[offset + q * stride];
            values[q] = value;
            if (value == Double.POSITIVE_INFINITY) {
                continue;
            }
            double start = Double.NEGATIVE_INFINITY;
            while (last >= 0) {
                start = intersection(vertices[last], q);
                if (start > starts[last]) {
                    break;
                }
                last--;
                start = Double.NEGATIVE_INFINITY;
            }
            last++;
            vertices[last] = q;
            starts[last] = start;
        }
        if (last < 0) {
            return;
        }
        int k = 0;
        for (int q = 0; q < length; q++) {
            while (k < last && starts[k + 1] < q) {
                k++;
            }
            double steps = q - vertices[k];
            data[offset + q * stride] = values[vertices[k]] + squaredEdge * steps * steps;
        }
    }

    /** The position, in voxels, where the parabola of voxel q falls below that of voxel p, for p &lt; q. */
    private double intersection(int p, int q) {
        return (values[q] - values[p]) / (2 * squaredEdge * (q - p)) + (p + q) / 2.0;
    }
}
