package dev.preceptor.augment;

import dev.preceptor.base.Draws;
import dev.preceptor.volume.Size;

/** What happens to the intensities of one sequence of a patch, its parameters drawn. */
@FunctionalInterface
interface Distortion {
    /** Changes the voxels in place. */
    void apply(Channel channel);

    /** Draws the parameters of a kind of distortion. */
    @FunctionalInterface
    interface Kind {
        Distortion draw(Chance chance, Size size, Draws draws);
    }
}
