package dev.preceptor.dicom;

import java.util.List;

/** One element of a data set. Its arrays are shared, not copied, and must not be changed. */
public sealed interface Element {
    /** Group and element number, 16 bits each. */
    int tag();

    /** How the value is encoded. */
    Vr vr();

    /**
     * A value without structure.
     *
     * @param bytes the value, numbers in little-endian order; of any length, which the writer makes even
     */
    record Value(int tag, Vr vr, byte[] bytes) implements Element {}

    /**
     * A sequence of data sets.
     *
     * @param items the data sets, in order
     */
    record Items(int tag, List<DataSet> items) implements Element {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public Vr vr() {
            return Vr.SQ;
        }
    }

    /**
     * Encapsulated pixels (PS3.5, A.4).
     *
     * @param fragments what follows the offset table, in order
     */
    record Fragments(int tag, List<byte[]> fragments) implements Element {
        public Fragments {
            fragments = List.copyOf(fragments);
        }

        @Override
        public Vr vr() {
            return Vr.OB;
        }
    }
}
