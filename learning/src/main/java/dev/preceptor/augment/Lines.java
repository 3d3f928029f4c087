package dev.preceptor.augment;

import dev.preceptor.volume.Size;

/**
 * Applies operations along one axis of a patch to many lines at once. Each place along the axis is an array of its own: the
 * compiler of Java 17 vectorises a loop over several arrays only if it uses the same index in all of them.
 */
final class Lines {
    /** Lines along x that are processed at once: enough for a vectorised loop, few enough for the cache. */
    private static final int WIDTH = 1024;

    private Lines() {}

    /** An operation on {@code width} lines; both arrays are [place along the axis][line]. */
    @FunctionalInterface
    interface Operation {
        void apply(float[][] in, float[][] out, int width);
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

    private static void alongX(Channel channel, Operation operation) {
        Size size = channel.size();
        int plane = size.y() * size.z();
        float[][] in = new float[size.x()][Math.min(WIDTH, plane)];
        float[][] out = new float[size.x()][Math.min(WIDTH, plane)];
        for (int from = 0; from < plane; from += WIDTH) {
            int width = Math.min(WIDTH, plane - from);
            for (int x = 0; x < size.x(); x++) {
                System.arraycopy(channel.values(), channel.row(x, 0) + from, in[x], 0, width);
            }
            operation.apply(in, out, width);
            for (int x = 0; x < size.x(); x++) {
                System.arraycopy(out[x], 0, channel.values(), channel.row(x, 0) + from, width);
            }
        }
    }

    private static void alongY(Channel channel, Operation operation) {
        Size size = channel.size();
        float[][] in = new float[size.y()][size.z()];
        float[][] out = new float[size.y()][size.z()];
        for (int x = 0; x < size.x(); x++) {
            for (int y = 0; y < size.y(); y++) {
                System.arraycopy(channel.values(), channel.row(x, y), in[y], 0, size.z());
            }
            operation.apply(in, out, size.z());
            for (int y = 0; y < size.y(); y++) {
                System.arraycopy(out[y], 0, channel.values(), channel.row(x, y), size.z());
            }
        }
    }

    private static void alongZ(Channel channel, Operation operation) {
        Size size = channel.size();
        float[] values = channel.values();
        float[][] in = new float[size.z()][size.y()];
        float[][] out = new float[size.z()][size.y()];
        for (int x = 0; x < size.x(); x++) {
            for (int y = 0; y < size.y(); y++) {
                int row = channel.row(x, y);
                for (int z = 0; z < size.z(); z++) {
                    in[z][y] = values[row + z];
                }
            }
            operation.apply(in, out, size.y());
            for (int y = 0; y < size.y(); y++) {
                int row = channel.row(x, y);
                for (int z = 0; z < size.z(); z++) {
                    values[row + z] = out[z][y];
                }
            }
        }
    }

    /** {@code out += share * in} over {@code length} elements. */
    static void add(float[] in, float share, float[] out, int length) {
        for (int k = 0; k < length; k++) {
            out[k] += share * in[k];
        }
    }

    /** {@code out = share * in} over {@code length} elements. */
    static void set(float[] in, float share, float[] out, int length) {
        for (int k = 0; k < length; k++) {
            out[k] = share * in[k];
        }
    }

    /** {@code out = (1 - share) a + share b} over {@code length} elements. */
    static void mix(float[] a, float[] b, float share, float[] out, int length) {
        float rest = 1 - share;
        for (int k = 0; k < length; k++) {
            out[k] = rest * a[k] + share * b[k];
        }
    }
}
