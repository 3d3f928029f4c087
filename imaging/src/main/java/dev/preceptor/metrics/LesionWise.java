package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.util.BitSet;

/**
 * The lesion-wise scores of BraTS since 2023. The components of the reference that lie within a few voxels of each other
 * form one lesion. Each lesion is scored against the union of all predicted components that touch it; a predicted component
 * that touches no lesion is a false positive and counts as much as a missed lesion.
 *
 * <p>Source: the official code, see {@link LesionRules}. Masks of different lesions and components are separated by
 * {@link LabelledComponents}.
 *
 * @param dice mean over scored lesions and false positives, from 0 to 1; 1 if there are neither
 * @param hd95Mm mean of HD95 ({@link Hausdorff#HD95_DEEPMIND}) over the same, in millimetres; the penalty of the rules for
 *     each missed lesion and false positive
 * @param surfaceDiceHalfMm mean of normalised surface Dice at 0.5 mm over the same; NaN if the rules do not include it
 * @param surfaceDiceOneMm the same at 1 mm
 * @param found true positives: scored lesions that at least one predicted component touches
 * @param missed false negatives: scored lesions that no predicted component touches
 * @param falsePositives false positives: predicted components of any size that touch no lesion
 */
public record LesionWise(
        double dice,
        double hd95Mm,
        double surfaceDiceHalfMm,
        double surfaceDiceOneMm,
        int found,
        int missed,
        int falsePositives) {
    /** Tolerance for the voxel volume of an oblique grid, which is 1 mm3 up to rounding. */
    private static final double ROUNDING = 1 + 1e-6;

    /**
     * Scores one region alone, without merging lesions across regions.
     *
     * @param prediction a mask on the grid
     * @param reference a mask on the grid
     */
    public static LesionWise of(BitSet prediction, BitSet reference, Grid grid, LesionRules rules, Region region) {
        return MaskPair.cropped(prediction, reference, grid.size())
                .map(masks -> {
                    Size size = masks.size();
                    LabelledComponents lesions = lesions(masks.reference(), size, rules, region);
                    LabelledComponents predicted = components(masks.prediction(), size, rules, region);
                    Grid cropped = new Grid(size, grid.affine());
                    SurfacePair surfaces = SurfacePair.of(predicted.mask(), masks.reference(), cropped);
                    return of(predicted, lesions, surfaces, cropped, rules, region);
                })
                .orElseGet(() -> bothEmpty(rules));
    }

    /** The lesions of a reference. */
    static LabelledComponents lesions(BitSet reference, Size size, LesionRules rules, Region region) {
        return LabelledComponents.merged(reference, size, rules.dilation(region));
    }

    /** The components of a prediction, merged and filtered as the rules demand. */
    static LabelledComponents components(BitSet prediction, Size size, LesionRules rules, Region region) {
        return rules.mergesPredictedComponents()
                ? LabelledComponents.merged(prediction, size, rules.dilation(region))
                        .largerThan((int) rules.ignoredMm3(region))
                : LabelledComponents.connected(prediction, size);
    }

    /**
     * Scores predicted components against lesions on the same grid.
     *
     * @param whole the surfaces of all components and all lesions
     */
    static LesionWise of(
            LabelledComponents components,
            LabelledComponents lesions,
            SurfacePair whole,
            Grid grid,
            LesionRules rules,
            Region region) {
        double[] sums = new double[4];
        BitSet touched = new BitSet();
        int found = 0;
        int missed = 0;
        for (int number = 1; number <= lesions.count(); number++) {
            int[] lesion = lesions.runs()[number - 1];
            BitSet touching = components.near(lesion, rules.dilation(region));
            touched.or(touching);
            if (lesions.sizes()[number - 1] * grid.voxelVolume() <= rules.ignoredMm3(region) * ROUNDING) {
                continue;
            }
            if (touching.isEmpty()) {
                missed++;
                continue;
            }
            found++;
            boolean isAll = lesions.count() == 1 && touching.cardinality() == components.count();
            MatchedLesion matched = isAll
                    ? new MatchedLesion(components.mask(), lesions.mask(), whole)
                    : MatchedLesion.of(components, touching, lesion, grid, whole);
            SurfacePair surfaces = matched.surfaces;
            sums[0] += ConfusionCounts.of(
                            matched.prediction, matched.lesion, grid.size().voxels())
                    .dice();
            sums[1] += Hausdorff.HD95_DEEPMIND.of(surfaces);
            if (rules.hasSurfaceDice()) {
                sums[2] += surfaces.voxelSurfaceDice(0.5);
                sums[3] += surfaces.voxelSurfaceDice(1);
            }
        }
        int falsePositives = components.count() - touched.cardinality();
        int counted = found + missed + falsePositives;
        if (counted == 0) {
            return bothEmpty(rules);
        }
        double penalties = rules.penaltyMm() * (missed + falsePositives);
        boolean hasSurfaceDice = rules.hasSurfaceDice();
        return new LesionWise(
                sums[0] / counted,
                (sums[1] + penalties) / counted,
                hasSurfaceDice ? sums[2] / counted : Double.NaN,
                hasSurfaceDice ? sums[3] / counted : Double.NaN,
                found,
                missed,
                falsePositives);
    }

    private static LesionWise bothEmpty(LesionRules rules) {
        double surfaceDice = rules.hasSurfaceDice() ? 1 : Double.NaN;
        return new LesionWise(1, 0, surfaceDice, surfaceDice, 0, 0, 0);
    }

    /** A lesion and the predicted components that touch it, cropped to their common bounding box. */
    private record MatchedLesion(BitSet prediction, BitSet lesion, SurfacePair surfaces) {
        static MatchedLesion of(
                LabelledComponents components, BitSet touching, int[] lesion, Grid grid, SurfacePair whole) {
            Size size = grid.size();
            int[][] touchingRuns = components.runs(touching);
            Box box = LabelledComponents.around(size, touchingRuns).union(LabelledComponents.around(size, lesion));
            BitSet prediction = LabelledComponents.crop(size, box, touchingRuns);
            BitSet reference = LabelledComponents.crop(size, box, lesion);
            return new MatchedLesion(prediction, reference, whole.like(prediction, reference, box.size()));
        }
    }
}
