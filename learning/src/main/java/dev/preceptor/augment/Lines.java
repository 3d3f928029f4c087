package dev.preceptor.augment;

import dev.preceptor.volume.Size;

/** Applies operations along one axis of a patch to many lines at once, so that their inner loops run over memory. */
final class Lines {
    private Lines() {}

    /** What is done to lines side by side: both arrays are [count, width], the lines run down the first axis. */
    @FunctionalInterface
    interface Operation {
        void apply(float[] in, float[] out, int count, int width);
    }

    /** Applies an operation to all lines along axis 0, 1 or 2 of a patch, in place. */
    static void along(Channel channel, int axis, Operation operation) {
        Size size = channel.size();
        switch (axis) {
            case 0 -> alongX(channel, size, operation);
            case 1 -> alongY(channel, size, operation);
            case 2 -> alongZ(channel, size, operation);
            default -> throw new IllegalArgumentException("axis " + axis);
        }
    }

    private static void alongX(Channel channel, Size size, Operation operation) {
        float[] in = new float[size.x() * size.z()];
        float[] out = new float[in.length];
        for (int y = 0; y < size.y(); y++) {
            for (int x = 0; x < size.x(); x++) {
                System.arraycopy(channel.values(), channel.row(x, y), in, x * size.z(), size.z());
            }
            operation.apply(in, out, size.x(), size.z());
            for (int x = 0; x < size.x(); x++) {
                System.arraycopy(out, x * size.z(), channel.values(), channel.row(x, y), size.z());
            }
        }
    }

    private static void alongY(Channel channel, Size size, Operation operation) {
        float[] in = new float[size.y() * size.z()];
        float[] out = new float[in.length];
        for (int x = 0; x < size.x(); x++) {
            System.arraycopy(channel.values(), channel.row(x, 0), in, 0, in.length);
            operation.apply(in, out, size.y(), size.z());
            System.arraycopy(out, 0, channel.values(), channel.row(x, 0), out.length);
        }
    }

    private static void alongZ(Channel channel, Size size, Operation operation) {
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

    /** Adds rows: {@code out[row] += share * in[other]}. */
    static void add(float[] in, int other, float share, float[] out, int row, int width) {
        int from = other * width;
        int to = row * width;
        for (int k = 0; k < width; k++) {
            out[to + k] += share * in[from + k];
        }
    }

    /** Scales a row: {@code out[row] = share * in[other]}. */
    static void set(float[] in, int other, float share, float[] out, int row, int width) {
        int from = other * width;
        int to = row * width;
        for (int k = 0; k < width; k++) {
            out[to + k] = share * in[from + k];
        }
    }
}
