package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.BitSet;
import java.util.Optional;

/**
 * Two masks cut to the smallest box that holds both; a distance between them is the same there, and cheaper. So is what becomes
 * one when it grows: whatever way joins two parts outside the box, its projection onto the box joins them too.
 */
record MaskPair(BitSet prediction, BitSet reference, Size size) {

    /** Empty if both masks are. */
    static Optional<MaskPair> cropped(BitSet prediction, BitSet reference, Size size) {
        BitSet either = (BitSet) prediction.clone();
        either.or(reference);
        return Box.around(either, size)
                .map(box -> new MaskPair(box.cropped(prediction, size), box.cropped(reference, size), box.size()));
    }
}
