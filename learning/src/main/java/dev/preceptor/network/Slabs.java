package dev.preceptor.network;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Cuts a large tensor [B, C, X, Y, Z] into slabs along X, so that an operation needs memory for the intermediate results of one slab
 * at a time.
 *
 * @param extent X
 * @param rows extent of a slab along X; the last one may be smaller
 */
record Slabs(long extent, long rows) {
    /** The number of values of a slab: 64 MiB, of which the rows that neighbours need twice are a small part. */
    private static final long VALUES = 1 << 24;

    /** Handles one slab. */
    @FunctionalInterface
    interface Slab {
        void accept(long first, long rows);
    }

    /** The slabs of a tensor; one for a tensor of at most a slab's values. */
    static Slabs of(Tensor x) {
        long extent = x.size(2);
        return new Slabs(extent, Math.max(1, Math.min(extent, VALUES * extent / Math.max(1, x.numel()))));
    }

    long count() {
        return (extent + rows - 1) / rows;
    }

    /** Handles one slab after the other; tensors that this creates are freed before the next one. */
    void forEach(Slab slab) {
        for (long first = 0; first < extent; first += rows) {
            try (PointerScope scope = new PointerScope()) {
                slab.accept(first, Math.min(rows, extent - first));
            }
        }
    }
}
