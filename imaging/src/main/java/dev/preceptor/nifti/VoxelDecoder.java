package dev.preceptor.nifti;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decodes stored voxels with scaling applied: to floats for images, to doubles for labels and summaries. Not
 * thread-safe. It works on chunks of at most {@link #CHUNK} voxels, which fit into the cache of the processor.
 */
final class VoxelDecoder {
    /** The largest number of voxels per call. */
    static final int CHUNK = 1 << 14;

    private final NiftiDatatype type;
    private final ByteOrder order;
    private final boolean scales;
    private final double slope;
    private final double intercept;
    private final double[] doubles = new double[CHUNK];

    VoxelDecoder(NiftiHeader header) {
        type = header.datatype();
        order = header.order();
        scales = header.scales();
        slope = header.slope();
        intercept = header.intercept();
    }

    /** Decodes the first {@code count} voxels of {@code raw} into {@code out}, starting at index {@code at}. */
    void toFloats(byte[] raw, int count, float[] out, int at) {
        if (scales) {
            viaDoubles(raw, count, out, at);
            return;
        }
        switch (type) {
            case UINT8 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = raw[i] & 0xff;
                }
            }
            case INT8 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = raw[i];
                }
            }
            case INT16 -> {
                ByteBuffer in = view(raw);
                for (int i = 0; i < count; i++) {
                    out[at + i] = in.getShort(2 * i);
                }
            }
            case UINT16 -> {
                ByteBuffer in = view(raw);
                for (int i = 0; i < count; i++) {
                    out[at + i] = in.getShort(2 * i) & 0xffff;
                }
            }
            case FLOAT32 -> view(raw).asFloatBuffer().get(out, at, count);
            default -> viaDoubles(raw, count, out, at);
        }
    }

    private void viaDoubles(byte[] raw, int count, float[] out, int at) {
        toDoubles(raw, count, doubles);
        for (int i = 0; i < count; i++) {
            out[at + i] = (float) doubles[i];
        }
    }

    /** Decodes the first {@code count} voxels of {@code raw} into the start of {@code out}. */
    void toDoubles(byte[] raw, int count, double[] out) {
        ByteBuffer in = view(raw);
        for (int i = 0; i < count; i++) {
            out[i] = switch (type) {
                case UINT8 -> raw[i] & 0xff;
                case INT8 -> raw[i];
                case INT16 -> in.getShort(2 * i);
                case UINT16 -> in.getShort(2 * i) & 0xffff;
                case INT32 -> in.getInt(4 * i);
                case UINT32 -> in.getInt(4 * i) & 0xffffffffL;
                case FLOAT32 -> in.getFloat(4 * i);
                case FLOAT64 -> in.getDouble(8 * i);
                case INT64 -> in.getLong(8 * i);
                case UINT64 -> unsigned(in.getLong(8 * i));
                default -> throw new IllegalStateException(type + " is not readable");
            };
        }
        if (scales) {
            for (int i = 0; i < count; i++) {
                out[i] = out[i] * slope + intercept;
            }
        }
    }

    /** Halves the value but keeps the lost bit, so that the result is the nearest double. */
    private static double unsigned(long value) {
        return value >= 0 ? value : 2.0 * ((value >>> 1) | (value & 1));
    }

    private ByteBuffer view(byte[] raw) {
        return ByteBuffer.wrap(raw).order(order);
    }
}
