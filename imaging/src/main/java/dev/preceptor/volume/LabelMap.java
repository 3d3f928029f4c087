package dev.preceptor.volume;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * A 3-D map of small integers, each allowed by its schema.
 *
 * <pre>{@code
 * Grid grid = Grid.of(new Size(4, 1, 1), 1);
 * LabelMap labels = new LabelMap(grid, new byte[] {0, 1, 2, 4}, LabelSpace.BRATS_2018);
 * BitSet core = labels.mask(Region.TC); // {1, 3}: necrotic core and enhancing tumour
 * double millilitres = core.cardinality() * grid.voxelVolume() / 1000; // 0.002
 * LabelMap renumbered = labels.as(LabelSpace.BRATS_2023); // {0, 1, 2, 3}
 * }</pre>
 *
 * <p>The array is shared, not copied; it must not be changed after construction. Like all records with arrays, two maps
 * are equal only if they share the array.
 *
 * @param grid the positions of the voxels
 * @param voxels the labels, x-fastest, {@code grid.size().voxels()} of them; 0 is background
 * @param schema the meaning of the values
 */
public record LabelMap(Grid grid, byte[] voxels, LabelSpace schema) {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** @throws IllegalArgumentException if the number of labels is wrong or a value is not in the schema */
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

    /** The voxels of a region, by their index in the array. */
    public BitSet mask(Region region) {
        boolean[] inside = new boolean[128];
        schema.values().keySet().forEach(value -> inside[value] = schema.contains(region, value));
        return voxels(inside);
    }

    /** The voxels of any region of the label space, by their index in the array. */
    public BitSet foreground() {
        boolean[] inside = new boolean[128];
        schema.values().forEach((value, labelClass) -> inside[value] = schema.numberOf(labelClass) > 0);
        return voxels(inside);
    }

    /** The voxels excluded from all scores ({@link LabelClass#IGNORE}), by their index in the array. */
    public BitSet ignored() {
        if (schema.valueOf(LabelClass.IGNORE).isEmpty()) {
            return new BitSet();
        }
        boolean[] inside = new boolean[128];
        schema.values().forEach((value, labelClass) -> inside[value] = labelClass.equals(LabelClass.IGNORE));
        return voxels(inside);
    }

    private BitSet voxels(boolean[] inside) {
        long[] words = new long[(voxels.length + Long.SIZE - 1) / Long.SIZE];
        int wholeWords = voxels.length - voxels.length % Long.BYTES;
        for (int i = 0; i < wholeWords; i += Long.BYTES) {
            // Most voxels are background, which belongs to no region: eight are tested at once.
            if ((long) EIGHT.get(voxels, i) != 0) {
                mark(words, inside, i, i + Long.BYTES);
            }
        }
        mark(words, inside, wholeWords, voxels.length);
        return BitSet.valueOf(words);
    }

    private void mark(long[] words, boolean[] inside, int from, int to) {
        long marks = 0;
        for (int i = from; i < to; i++) {
            if (inside[voxels[i]]) {
                marks |= 1L << i;
            }
        }
        if (marks != 0) {
            words[from / Long.SIZE] |= marks;
        }
    }

    /**
     * The same classes with the values of another label space.
     *
     * @throws IllegalArgumentException if a class that occurs has no value in the other space
     */
    public LabelMap as(LabelSpace other) {
        if (other.equals(schema)) {
            return this;
        }
        byte[] mapped = new byte[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0) {
                LabelClass labelClass = schema.values().get((int) voxels[i]);
                mapped[i] = other.valueOf(labelClass)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "label space " + other + " has no value for " + labelClass))
                        .byteValue();
            }
        }
        return new LabelMap(grid, mapped, other);
    }
}
