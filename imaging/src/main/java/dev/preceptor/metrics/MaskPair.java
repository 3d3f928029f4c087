package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.BitSet;
import java.util.Optional;

/** Two masks cut to the smallest box that holds both; a distance between them is the same there, and cheaper. */
record MaskPair(BitSet prediction, BitSet reference, Size size) {

    /** Empty if both masks are. */
    static Optional<MaskPair> cropped(BitSet prediction, BitSet reference, Size size, int margin) {
        BitSet either = (BitSet) prediction.clone();
        either.or(reference);
        return Box.around(either, size).map(tight -> {
            Box box = tight.grown(margin);
            return new MaskPair(box.cropped(prediction, size), box.cropped(reference, size), box.size());
        });
    }
}
