package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/** A transform of the intensities of one sequence of a patch, with fixed parameters. */
@FunctionalInterface
interface IntensityTransform {
    /** Transforms the voxels; changes that need one voxel at a time may be deferred. */
    void apply(DeferredChannel channel);

    /** Transforms the voxels in place. */
    default void apply(Channel channel) {
        DeferredChannel deferred = new DeferredChannel(channel);
        apply(deferred);
        deferred.materialise();
    }

    /** Draws a transform of one kind. */
    @FunctionalInterface
    interface Kind {
        /**
         * Draws the parameters.
         *
         * @param size of the patch in voxels
         */
        IntensityTransform draw(TransformSettings settings, Size size, RandomSource random);
    }
}
