package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Quantile;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The 95th percentile of the distances between the surfaces of two masks, in millimetres, in the variants that published
 * tables use; they differ by up to a voxel. NaN if both masks are empty, infinite if one is: a {@link Convention} puts
 * its penalty there. Time linear in the masks' joint box.
 */
public enum Hausdorff {
    /**
     * MedPy: surface voxels are those that touch background through a face; the distances of both directions are pooled,
     * and their 95th percentile is interpolated.
     */
    HD95_MEDPY {
        @Override
        double between(SurfacePair surfaces) {
            double[] there = surfaces.borderThere().sorted();
            double[] back = surfaces.borderBack().sorted();
            double[] pooled = Arrays.copyOf(there, there.length + back.length);
            System.arraycopy(back, 0, pooled, there.length, back.length);
            Arrays.sort(pooled);
            return Quantile.of(pooled, SHARE);
        }
    },
    /**
     * DeepMind's surface distances, as BraTS 2023 uses them: surface elements on the dual grid, weighted with their
     * areas ({@link SurfaceElements}); the larger of the two directions.
     */
    HD95_DEEPMIND {
        @Override
        double between(SurfacePair surfaces) {
            return Math.max(
                    surfaces.areaThere().quantileByWeight(SHARE),
                    surfaces.areaBack().quantileByWeight(SHARE));
        }
    },
    /** MONAI: surface voxels as in MedPy, the percentile of each direction by itself, and the larger of the two. */
    HD95_MONAI {
        @Override
        double between(SurfacePair surfaces) {
            return Math.max(
                    Quantile.of(surfaces.borderThere().sorted(), SHARE),
                    Quantile.of(surfaces.borderBack().sorted(), SHARE));
        }
    };

    private static final double SHARE = 0.95;

    /**
     * The distance between two masks on one grid.
     *
     * @return millimetres; NaN if both are empty, positive infinity if one is
     * @throws MismatchException if a mask reaches beyond the grid
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
