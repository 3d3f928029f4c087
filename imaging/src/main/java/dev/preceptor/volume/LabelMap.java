package dev.preceptor.volume;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * A 3-D map of small integers, each allowed by the schema.
 *
 * <p>The array is shared, not copied, and is to be treated as constant once the map is built.
 *
 * @param grid where the voxels lie
 * @param voxels the labels, x-fastest, 0 for background
 * @param schema the names behind the integers
 */
public record LabelMap(Grid grid, byte[] voxels, LabelSchema schema) {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** @throws IllegalArgumentException if the count is wrong or a value is not in the schema */
    public LabelMap {
        if (voxels.length != grid.size().voxels()) {
            throw new IllegalArgumentException(voxels.length + " labels for " + grid.size() + " voxels");
        }
        for (byte value : voxels) {
            if (!schema.allows(value)) {
                throw new IllegalArgumentException("label " + value + " is not in " + schema);
            }
        }
    }

    /** The extent in voxels. */
    public Size size() {
        return grid.size();
    }

    /** The voxels of a region, by their place in the array. */
    public BitSet mask(Region region) {
        boolean[] inside = new boolean[128];
        schema.tissues().keySet().forEach(value -> inside[value] = schema.contains(region, value));
        return voxels(inside);
    }

    /** The voxels that count in no score ({@link Tissue#IGNORE}), by their place in the array. */
    public BitSet ignored() {
        if (schema.valueOf(Tissue.IGNORE).isEmpty()) {
            return new BitSet();
        }
        boolean[] inside = new boolean[128];
        schema.tissues().forEach((value, tissue) -> inside[value] = tissue == Tissue.IGNORE);
        return voxels(inside);
    }

    private BitSet voxels(boolean[] inside) {
        BitSet mask = new BitSet(voxels.length);
        int whole = voxels.length - voxels.length % Long.BYTES;
        for (int i = 0; i < whole; i += Long.BYTES) {
            // Nearly all of a brain is background, which no region holds: eight voxels at a look.
            if ((long) EIGHT.get(voxels, i) != 0) {
                mark(mask, inside, i, i + Long.BYTES);
            }
        }
        mark(mask, inside, whole, voxels.length);
        return mask;
    }

    private void mark(BitSet mask, boolean[] inside, int from, int to) {
        for (int i = from; i < to; i++) {
            if (inside[voxels[i]]) {
                mask.set(i);
            }
        }
    }

    /**
     * The same tissues under another schema.
     *
     * @throws IllegalArgumentException if a tissue that occurs has no value there
     */
    public LabelMap as(LabelSchema other) {
        if (other.equals(schema)) {
            return this;
        }
        byte[] mapped = new byte[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0) {
                Tissue tissue = schema.tissues().get((int) voxels[i]);
                mapped[i] = other.valueOf(tissue)
                        .orElseThrow(
                                () -> new IllegalArgumentException("schema " + other + " has no value for " + tissue))
                        .byteValue();
            }
        }
        return new LabelMap(grid, mapped, other);
    }
}
