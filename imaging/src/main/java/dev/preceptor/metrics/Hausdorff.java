package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Quantile;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The 95th percentile of the surface distance between two masks (HD95), in millimetres, in the variants that published
 * tables use. They differ by up to a voxel. HD95 is NaN if both masks are empty and infinite if one is; a
 * {@link Convention} replaces both. The time is linear in the voxels of the masks' common bounding box.
 */
public enum Hausdorff {
    /**
     * MedPy: surface voxels have at least one of their 6 neighbours outside the mask; the distances of both directions are
     * pooled, and their percentile is interpolated linearly.
     */
    HD95_MEDPY {
        @Override
        double between(SurfacePair surfaces) {
            double[] fromPrediction = surfaces.voxelsFromPrediction().sorted();
            double[] fromReference = surfaces.voxelsFromReference().sorted();
            double[] pooled = Arrays.copyOf(fromPrediction, fromPrediction.length + fromReference.length);
            System.arraycopy(fromReference, 0, pooled, fromPrediction.length, fromReference.length);
            Arrays.sort(pooled);
            return Quantile.of(pooled, PERCENTILE);
        }
    },
    /**
     * DeepMind's surface distances, as BraTS 2023 uses them: surface elements on the dual grid weighted by area
     * ({@link SurfaceElements}); the larger of the two directions. Source: https://github.com/google-deepmind/surface-distance.
     */
    HD95_DEEPMIND {
        @Override
        double between(SurfacePair surfaces) {
            return Math.max(
                    surfaces.areasFromPrediction().weightedQuantile(PERCENTILE),
                    surfaces.areasFromReference().weightedQuantile(PERCENTILE));
        }
    },
    /** MONAI: surface voxels as in MedPy; the percentile of each direction, and the larger of the two. */
    HD95_MONAI {
        @Override
        double between(SurfacePair surfaces) {
            return Math.max(
                    Quantile.of(surfaces.voxelsFromPrediction().sorted(), PERCENTILE),
                    Quantile.of(surfaces.voxelsFromReference().sorted(), PERCENTILE));
        }
    };

    private static final double PERCENTILE = 0.95;

    /**
     * HD95 between two masks on one grid.
     *
     * @param prediction indices of voxels, x-fastest
     * @param reference the same of the reference
     * @return millimetres; NaN if both masks are empty, positive infinity if one is
     * @throws MismatchException if a mask has voxels beyond the grid
     */
    public double of(BitSet prediction, BitSet reference, Grid grid) {
        return of(SurfacePair.of(prediction, reference, grid));
    }

    double of(SurfacePair surfaces) {
        if (surfaces.isMeasurable()) {
            return between(surfaces);
        }
        return surfaces.isEmpty() ? Double.NaN : Double.POSITIVE_INFINITY;
    }

    abstract double between(SurfacePair surfaces);
}
