package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.BitSet;
import java.util.Optional;

/**
 * Two masks cropped to their common bounding box. Distances between them, and components merged by dilation, are the same
 * in the box as on the whole grid: a path that connects two components outside the box has a projection onto the box that
 * connects them too.
 */
record MaskPair(BitSet prediction, BitSet reference, Size size) {

    /** Crops two masks of the given grid size; empty if both masks are empty. */
    static Optional<MaskPair> cropped(BitSet prediction, BitSet reference, Size size) {
        BitSet union = (BitSet) prediction.clone();
        union.or(reference);
        return Box.around(union, size)
                .map(box -> new MaskPair(box.cropped(prediction, size), box.cropped(reference, size), box.size()));
    }
}
