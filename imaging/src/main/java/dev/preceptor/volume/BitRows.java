package dev.preceptor.volume;

import java.util.BitSet;

/**
 * A mask in which each row of voxels starts at a word, so that shifts and neighbourhood operations handle 64 voxels of
 * a row at once. Bits after the end of a row are 0.
 */
final class BitRows {
    private final Size size;
    private final int words;
    private final long lastWord;
    private final long[] bits;

    private BitRows(Size size) {
        this.size = size;
        words = (size.x() + Long.SIZE - 1) / Long.SIZE;
        lastWord = -1L >>> (words * Long.SIZE - size.x());
        bits = new long[Math.multiplyExact(words, size.y() * size.z())];
    }

    static BitRows of(BitSet mask, Size size) {
        BitRows rows = new BitRows(size);
        long[] packed = mask.toLongArray();
        for (int row = 0; row < size.y() * size.z(); row++) {
            long from = (long) row * size.x();
            for (int word = 0; word < rows.words; word++) {
                rows.bits[row * rows.words + word] = wordAt(packed, from + (long) word * Long.SIZE);
            }
            rows.bits[row * rows.words + rows.words - 1] &= rows.lastWord;
        }
        return rows;
    }

    private static long wordAt(long[] packed, long bit) {
        int word = (int) (bit / Long.SIZE);
        int shift = (int) (bit % Long.SIZE);
        long low = word < packed.length ? packed[word] >>> shift : 0;
        return shift == 0 || word + 1 >= packed.length ? low : low | packed[word + 1] << (Long.SIZE - shift);
    }

    BitSet toBitSet() {
        long[] packed = new long[size.voxels() / Long.SIZE + 2];
        for (int i = 0; i < bits.length; i++) {
            if (bits[i] != 0) {
                long bit = (long) (i / words) * size.x() + (long) (i % words) * Long.SIZE;
                int word = (int) (bit / Long.SIZE);
                int shift = (int) (bit % Long.SIZE);
                packed[word] |= bits[i] << shift;
                packed[word + 1] |= shift == 0 ? 0 : bits[i] >>> (Long.SIZE - shift);
            }
        }
        return BitSet.valueOf(packed);
    }

    /** The mask and the neighbours of its voxels. */
    BitRows dilated(Connectivity connectivity) {
        BitRows widened = new BitRows(size);
        for (int i = 0; i < bits.length; i++) {
            widened.bits[i] = bits[i] | shiftedUp(i) | shiftedDown(i);
        }
        BitRows grown = new BitRows(size);
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                for (int dz = z > 0 ? -1 : 0; dz <= (z < size.z() - 1 ? 1 : 0); dz++) {
                    for (int dy = y > 0 ? -1 : 0; dy <= (y < size.y() - 1 ? 1 : 0); dy++) {
                        int reach = connectivity.reach(Math.abs(dy), Math.abs(dz));
                        if (reach >= 0) {
                            long[] from = reach == 0 ? bits : widened.bits;
                            grown.add(y + size.y() * z, from, y + dy + size.y() * (z + dz));
                        }
                    }
                }
            }
        }
        return grown;
    }

    private void add(int row, long[] from, int other) {
        for (int word = 0; word < words; word++) {
            bits[row * words + word] |= from[other * words + word];
        }
    }

    /** The voxels with a face neighbour in the background or outside the grid. */
    BitRows border() {
        BitRows border = new BitRows(size);
        for (int row = 0; row < size.y() * size.z(); row++) {
            int y = row % size.y();
            int z = row / size.y();
            boolean isEdge = y == 0 || z == 0 || y == size.y() - 1 || z == size.z() - 1;
            for (int i = row * words; i < (row + 1) * words; i++) {
                long inner = 0;
                if (!isEdge && bits[i] != 0) {
                    int slice = size.y() * words;
                    inner = shiftedUp(i)
                            & shiftedDown(i)
                            & bits[i - words]
                            & bits[i + words]
                            & bits[i - slice]
                            & bits[i + slice];
                }
                border.bits[i] = bits[i] & ~inner;
            }
        }
        return border;
    }

    /** The voxels of which one is set and one is not among themselves and the seven neighbours below them along one or more axes. */
    BitRows crossed() {
        BitRows crossed = new BitRows(size);
        int slice = size.y() * words;
        for (int row = 0; row < size.y() * size.z(); row++) {
            boolean isFirst = row % size.y() == 0 || row < size.y();
            for (int i = row * words; i < (row + 1) * words; i++) {
                long any = bits[i] | shiftedUp(i);
                long all = bits[i] & shiftedUp(i);
                if (row % size.y() > 0) {
                    any |= bits[i - words] | shiftedUp(i - words);
                    all &= bits[i - words] & shiftedUp(i - words);
                }
                if (row >= size.y()) {
                    any |= bits[i - slice] | shiftedUp(i - slice);
                    all &= bits[i - slice] & shiftedUp(i - slice);
                }
                if (!isFirst) {
                    int below = i - slice - words;
                    any |= bits[below] | shiftedUp(below);
                    all &= bits[below] & shiftedUp(below);
                }
                crossed.bits[i] = isFirst ? any : any & ~all;
            }
        }
        return crossed;
    }

    /** Word {@code i} of the mask shifted one voxel up along the row. */
    private long shiftedUp(int i) {
        long carried = i % words == 0 ? 0 : bits[i - 1] >>> (Long.SIZE - 1);
        long shifted = bits[i] << 1 | carried;
        return i % words == words - 1 ? shifted & lastWord : shifted;
    }

    /** Word {@code i} of the mask moved one voxel down along the row. */
    private long shiftedDown(int i) {
        long carried = i % words == words - 1 ? 0 : bits[i + 1] << (Long.SIZE - 1);
        return bits[i] >>> 1 | carried;
    }
}
