package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.DistanceTransform;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * The surfaces of two masks and the distances between them, in millimetres. There are two definitions of a surface: the
 * surface voxels, which have at least one of their 6 neighbours outside the mask, and the area elements on the dual grid.
 * The distances of each definition are computed once, on first use. The time is linear in the voxels of the masks' common
 * bounding box. Not thread-safe.
 */
final class SurfacePair {
    private final boolean isEmpty;
    private final Optional<MaskPair> masks;
    private final double[] spacing;
    private final SurfaceElements elements;
    private Distances voxelsFromPrediction;
    private Distances voxelsFromReference;
    private Distances areasFromPrediction;
    private Distances areasFromReference;

    private SurfacePair(BitSet prediction, BitSet reference, Size size, double[] spacing, SurfaceElements elements) {
        boolean isBoth = !prediction.isEmpty() && !reference.isEmpty();
        this.isEmpty = prediction.isEmpty() && reference.isEmpty();
        this.masks = isBoth ? MaskPair.cropped(prediction, reference, size) : Optional.empty();
        this.spacing = spacing;
        this.elements = elements;
    }

    /** @throws MismatchException if a mask has voxels beyond the grid */
    static SurfacePair of(BitSet prediction, BitSet reference, Grid grid) {
        if (prediction.length() > grid.size().voxels()
                || reference.length() > grid.size().voxels()) {
            throw new MismatchException("a mask has voxels beyond its grid of " + grid.size() + " voxels");
        }
        double[] spacing = grid.spacing();
        return new SurfacePair(prediction, reference, grid.size(), spacing, new SurfaceElements(spacing));
    }

    /** Two other masks on a grid with the same voxel size. */
    SurfacePair like(BitSet prediction, BitSet reference, Size size) {
        return new SurfacePair(prediction, reference, size, spacing, elements);
    }

    /** Whether both masks are empty. */
    boolean isEmpty() {
        return isEmpty;
    }

    /** Whether both masks have voxels. Distances are defined only then. */
    boolean isMeasurable() {
        return masks.isPresent();
    }

    /** Distances from the surface voxels of the prediction to those of the reference; each voxel has the weight 1. */
    Distances voxelsFromPrediction() {
        measureVoxels();
        return voxelsFromPrediction;
    }

    /** Distances from the surface voxels of the reference to those of the prediction; each voxel has the weight 1. */
    Distances voxelsFromReference() {
        measureVoxels();
        return voxelsFromReference;
    }

    /** Distances from the surface elements of the prediction to those of the reference, weighted by area. */
    Distances areasFromPrediction() {
        measureAreas();
        return areasFromPrediction;
    }

    /** Distances from the surface elements of the reference to those of the prediction, weighted by area. */
    Distances areasFromReference() {
        measureAreas();
        return areasFromReference;
    }

    /**
     * Normalised surface Dice: the fraction of both surfaces, by area, that lies within the tolerance of the other surface,
     * as DeepMind's surface distances compute it (Nikolov et al., arXiv 1809.04430).
     */
    double surfaceDice(double toleranceMm) {
        return (areasFromPrediction().weightWithin(toleranceMm)
                        + areasFromReference().weightWithin(toleranceMm))
                / (areasFromPrediction().weight() + areasFromReference().weight());
    }

    /**
     * Normalised surface Dice from surface voxels: the mean of both directions' fractions, as nnU-Net and BraTS 2024
     * compute it.
     */
    double voxelSurfaceDice(double toleranceMm) {
        double ofPrediction = voxelsFromPrediction().weightWithin(toleranceMm)
                / voxelsFromPrediction().weight();
        double ofReference = voxelsFromReference().weightWithin(toleranceMm)
                / voxelsFromReference().weight();
        return (ofPrediction + ofReference) / (2 + 1e-8);
    }

    private void measureVoxels() {
        if (voxelsFromPrediction == null) {
            MaskPair pair = masks.orElseThrow();
            BitSet prediction = Morphology.border(pair.prediction(), pair.size());
            BitSet reference = Morphology.border(pair.reference(), pair.size());
            voxelsFromPrediction = Distances.between(prediction, reference, pair.size(), spacing, index -> 1);
            voxelsFromReference = Distances.between(reference, prediction, pair.size(), spacing, index -> 1);
        }
    }

    private void measureAreas() {
        if (areasFromPrediction == null) {
            MaskPair pair = masks.orElseThrow();
            DualSurface prediction = DualSurface.of(pair.prediction(), pair.size());
            DualSurface reference = DualSurface.of(pair.reference(), pair.size());
            Size size = prediction.size();
            areasFromPrediction = Distances.between(
                    prediction.crossed(), reference.crossed(), size, spacing, cell -> prediction.area(cell, elements));
            areasFromReference = Distances.between(
                    reference.crossed(), prediction.crossed(), size, spacing, cell -> reference.area(cell, elements));
        }
    }

    /**
     * The distances of one surface's elements from the other surface.
     *
     * @param sorted the distance of every element in millimetres, ascending
     * @param steps the distinct distances, ascending
     * @param weights the total weight of the elements at each step
     * @param weight the total weight of all elements
     */
    record Distances(double[] sorted, double[] steps, double[] weights, double weight) {
        /** Tolerance for rounding errors of distances. */
        private static final double ROUNDING_MM = 1e-9;

        /** The weight of a surface element, given its index on the grid. */
        @FunctionalInterface
        interface Weight {
            double of(int index);
        }

        static Distances between(BitSet from, BitSet to, Size size, double[] spacing, Weight weight) {
            double[] distances = DistanceTransform.squaredAt(from, to, size, spacing);
            for (int i = 0; i < distances.length; i++) {
                distances[i] = Math.sqrt(distances[i]);
            }
            double[] sorted = distances.clone();
            Arrays.sort(sorted);
            double[] steps = distinct(sorted);
            double[] weights = new double[steps.length];
            double total = 0;
            int next = 0;
            for (int i = from.nextSetBit(0); i >= 0; i = from.nextSetBit(i + 1)) {
                double elementWeight = weight.of(i);
                weights[Arrays.binarySearch(steps, distances[next++])] += elementWeight;
                total += elementWeight;
            }
            return new Distances(sorted, steps, weights, total);
        }

        private static double[] distinct(double[] sorted) {
            double[] distinct = new double[sorted.length];
            int count = 0;
            for (double value : sorted) {
                if (count == 0 || value != distinct[count - 1]) {
                    distinct[count++] = value;
                }
            }
            return Arrays.copyOf(distinct, count);
        }

        /** The smallest distance within which at least the given fraction of the weight lies. */
        double weightedQuantile(double fraction) {
            double within = 0;
            for (int i = 0; i < steps.length; i++) {
                within += weights[i];
                if (within / weight >= fraction) {
                    return steps[i];
                }
            }
            return steps[steps.length - 1];
        }

        /** The total weight of the elements within a tolerance. */
        double weightWithin(double toleranceMm) {
            double within = 0;
            for (int i = 0; i < steps.length && steps[i] <= toleranceMm + ROUNDING_MM; i++) {
                within += weights[i];
            }
            return within;
        }
    }
}
