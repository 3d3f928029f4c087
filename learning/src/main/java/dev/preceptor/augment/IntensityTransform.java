package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/** What happens to the intensities of one sequence of a patch, its parameters drawn. */
@FunctionalInterface
interface IntensityTransform {
    /** Changes the voxels in place. */
    void apply(Channel channel);

    /** Draws the parameters of a kind of distortion. */
    @FunctionalInterface
    interface Kind {
        IntensityTransform draw(TransformSettings transformSettings, Size size, RandomSource randomSource);
    }
}
