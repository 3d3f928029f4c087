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
            return new MaskPair(crop(prediction, size, box), crop(reference, size, box), box.size());
        });
    }

    private static BitSet crop(BitSet mask, Size size, Box box) {
        Size to = box.size();
        BitSet cropped = new BitSet(to.voxels());
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            int x = i % size.x();
            int y = i / size.x() % size.y();
            int z = i / (size.x() * size.y());
            cropped.set(to.index(x - box.x0(), y - box.y0(), z - box.z0()));
        }
        return cropped;
    }
}
