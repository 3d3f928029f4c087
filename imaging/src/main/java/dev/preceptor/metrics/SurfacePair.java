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
 * The surfaces of two masks and how far each lies from the other, in millimetres. Both notions of a surface are measured when
 * they are first asked for, and once: the voxels of a mask that touch background through a face, and the area elements
 * on the dual grid. Time linear in the masks' joint box. For one thread.
 */
final class SurfacePair {
    private final boolean isEmpty;
    private final Optional<MaskPair> masks;
    private final double[] spacing;
    private Distances borderThere;
    private Distances borderBack;
    private Distances areaThere;
    private Distances areaBack;

    private SurfacePair(boolean isEmpty, Optional<MaskPair> masks, double[] spacing) {
        this.isEmpty = isEmpty;
        this.masks = masks;
        this.spacing = spacing;
    }

    /** @throws MismatchException if a mask reaches beyond the grid */
    static SurfacePair of(BitSet prediction, BitSet reference, Grid grid) {
        if (prediction.length() > grid.size().voxels()
                || reference.length() > grid.size().voxels()) {
            throw new MismatchException("a mask reaches beyond its grid of " + grid.size() + " voxels");
        }
        boolean both = !prediction.isEmpty() && !reference.isEmpty();
        return new SurfacePair(
                prediction.isEmpty() && reference.isEmpty(),
                both ? MaskPair.cropped(prediction, reference, grid.size()) : Optional.empty(),
                grid.spacing());
    }

    /** Whether both masks are empty. */
    boolean isEmpty() {
        return isEmpty;
    }

    /** Whether neither mask is empty; only then there are distances. */
    boolean isMeasurable() {
        return masks.isPresent();
    }

    /** From the surface voxels of the prediction to those of the reference, each weighing 1. */
    Distances borderThere() {
        measureBorders();
        return borderThere;
    }

    /** From the surface voxels of the reference to those of the prediction. */
    Distances borderBack() {
        measureBorders();
        return borderBack;
    }

    /** From the surface elements of the prediction to those of the reference, weighing their areas. */
    Distances areaThere() {
        measureAreas();
        return areaThere;
    }

    /** From the surface elements of the reference to those of the prediction. */
    Distances areaBack() {
        measureAreas();
        return areaBack;
    }

    /**
     * The share of both surfaces, by area, that lies within a tolerance of the other: normalised surface Dice as DeepMind's
     * surface distances compute it (Nikolov et al., arXiv 1809.04430).
     */
    double surfaceDice(double toleranceMm) {
        return (areaThere().weightWithin(toleranceMm) + areaBack().weightWithin(toleranceMm))
                / (areaThere().weight() + areaBack().weight());
    }

    /** The same by counting surface voxels, the mean of both directions' shares: nnU-Net's, which BraTS 2024 takes. */
    double borderDice(double toleranceMm) {
        double there = borderThere().weightWithin(toleranceMm) / borderThere().weight();
        double back = borderBack().weightWithin(toleranceMm) / borderBack().weight();
        return (there + back) / (2 + 1e-8);
    }

    private void measureBorders() {
        if (borderThere == null) {
            MaskPair pair = masks.orElseThrow();
            BitSet prediction = Morphology.border(pair.prediction(), pair.size());
            BitSet reference = Morphology.border(pair.reference(), pair.size());
            borderThere = Distances.between(prediction, reference, pair.size(), spacing, place -> 1);
            borderBack = Distances.between(reference, prediction, pair.size(), spacing, place -> 1);
        }
    }

    private void measureAreas() {
        if (areaThere == null) {
            MaskPair pair = masks.orElseThrow();
            SurfaceElements elements = new SurfaceElements(spacing);
            DualSurface prediction = DualSurface.of(pair.prediction(), pair.size());
            DualSurface reference = DualSurface.of(pair.reference(), pair.size());
            Size size = prediction.size();
            areaThere = Distances.between(
                    prediction.crossed(), reference.crossed(), size, spacing, cell -> prediction.area(cell, elements));
            areaBack = Distances.between(
                    reference.crossed(), prediction.crossed(), size, spacing, cell -> reference.area(cell, elements));
        }
    }

    /**
     * How far the elements of one surface lie from the other.
     *
     * @param sorted the distance of every element, ascending, in millimetres
     * @param steps the distances that occur, ascending
     * @param weights how much weighs what lies at each step
     * @param weight how much everything weighs
     */
    record Distances(double[] sorted, double[] steps, double[] weights, double weight) {
        /** Distances that differ by rounding alone are within the same tolerance. */
        private static final double ROUNDING_MM = 1e-9;

        /** What a surface element counts. */
        @FunctionalInterface
        interface Weight {
            double of(int place);
        }

        static Distances between(BitSet from, BitSet to, Size size, double[] spacing, Weight weight) {
            double[] own = DistanceTransform.squaredAt(from, to, size, spacing);
            for (int i = 0; i < own.length; i++) {
                own[i] = Math.sqrt(own[i]);
            }
            double[] sorted = own.clone();
            Arrays.sort(sorted);
            double[] steps = Arrays.stream(sorted).distinct().toArray();
            double[] weights = new double[steps.length];
            double total = 0;
            int next = 0;
            for (int i = from.nextSetBit(0); i >= 0; i = from.nextSetBit(i + 1)) {
                double one = weight.of(i);
                weights[Arrays.binarySearch(steps, own[next++])] += one;
                total += one;
            }
            return new Distances(sorted, steps, weights, total);
        }

        /** The smallest distance within which a share of the weight lies. */
        double quantileByWeight(double share) {
            double within = 0;
            for (int i = 0; i < steps.length; i++) {
                within += weights[i];
                if (within / weight >= share) {
                    return steps[i];
                }
            }
            return steps[steps.length - 1];
        }

        /** How much lies within a tolerance. */
        double weightWithin(double toleranceMm) {
            double within = 0;
            for (int i = 0; i < steps.length && steps[i] <= toleranceMm + ROUNDING_MM; i++) {
                within += weights[i];
            }
            return within;
        }
    }
}
