package dev.preceptor.augment;

import dev.preceptor.volume.Size;

/**
 * Applies operations along one axis of a patch to many lines at once. Inner loops here and in the transforms are short and
 * run over contiguous memory, so that the JIT compiler vectorises them.
 */
final class Lines {
    /** Lines along x that are processed at once: enough for a vectorised loop, few enough for the cache. */
    private static final int WIDTH = 1024;

    private Lines() {}

    /** An operation on {@code width} lines of {@code count} voxels; both arrays are [count, width]. */
    @FunctionalInterface
    interface Operation {
        void apply(float[] in, float[] out, int count, int width);
    }

    /** Applies an operation to all lines along axis 0, 1 or 2 of a patch, in place. */
    static void along(Channel channel, int axis, Operation operation) {
        switch (axis) {
            case 0 -> alongX(channel, operation);
            case 1 -> alongY(channel, operation);
            case 2 -> alongZ(channel, operation);
            default -> throw new IllegalArgumentException("axis " + axis);
        }
    }

    static void alongX(Channel channel, Operation operation) {
        Size size = channel.size();
        int plane = size.y() * size.z();
        float[] in = new float[size.x() * Math.min(WIDTH, plane)];
        float[] out = new float[in.length];
        for (int from = 0; from < plane; from += WIDTH) {
            int width = Math.min(WIDTH, plane - from);
            for (int x = 0; x < size.x(); x++) {
                System.arraycopy(channel.values(), channel.row(x, 0) + from, in, x * width, width);
            }
            operation.apply(in, out, size.x(), width);
            for (int x = 0; x < size.x(); x++) {
                System.arraycopy(out, x * width, channel.values(), channel.row(x, 0) + from, width);
            }
        }
    }

    private static void alongY(Channel channel, Operation operation) {
        Size size = channel.size();
        float[] in = new float[size.y() * size.z()];
        float[] out = new float[in.length];
        for (int x = 0; x < size.x(); x++) {
            System.arraycopy(channel.values(), channel.row(x, 0), in, 0, in.length);
            operation.apply(in, out, size.y(), size.z());
            System.arraycopy(out, 0, channel.values(), channel.row(x, 0), out.length);
        }
    }

    private static void alongZ(Channel channel, Operation operation) {
        Size size = channel.size();
        float[] in = new float[size.y() * size.z()];
        float[] out = new float[in.length];
        for (int x = 0; x < size.x(); x++) {
            transpose(channel.values(), channel.row(x, 0), in, 0, size.y(), size.z());
            operation.apply(in, out, size.z(), size.y());
            transpose(out, 0, channel.values(), channel.row(x, 0), size.z(), size.y());
        }
    }

    private static void transpose(float[] from, int fromStart, float[] to, int toStart, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                to[toStart + j * rows + i] = from[fromStart + i * columns + j];
            }
        }
    }

    /** {@code out += share * in} over {@code length} elements. */
    static void add(float[] in, int from, float share, float[] out, int to, int length) {
        for (int k = 0; k < length; k++) {
            out[to + k] += share * in[from + k];
        }
    }

    /** {@code out = share * in} over {@code length} elements. */
    static void set(float[] in, int from, float share, float[] out, int to, int length) {
        for (int k = 0; k < length; k++) {
            out[to + k] = share * in[from + k];
        }
    }

    /** {@code out = (1 - share) a + share b} over {@code length} elements. */
    static void mix(float[] a, int fromA, float[] b, int fromB, float share, float[] out, int to, int length) {
        float rest = 1 - share;
        for (int k = 0; k < length; k++) {
            out[to + k] = rest * a[fromA + k] + share * b[fromB + k];
        }
    }
}
