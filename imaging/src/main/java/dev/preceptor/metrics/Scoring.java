package dev.preceptor.metrics;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import java.util.BitSet;
import java.util.List;

/**
 * How one mask is scored against another.
 *
 * @param convention the scores of empty masks and the variant of HD95
 * @param challenge the BraTS challenge whose rules separate lesions, see {@link LesionRules}
 * @param tolerancesMm tolerances of surface Dice in millimetres, ascending, each finite and at least 0
 */
public record Scoring(Convention convention, Challenge challenge, List<Double> tolerancesMm) {
    /** {@link Convention#BRATS_LEGACY}, adult glioma, surface Dice within 1 and 2 mm. */
    public static final Scoring DEFAULTS = new Scoring(Convention.BRATS_LEGACY, Challenge.GLI, List.of(1.0, 2.0));

    /** @throws dev.preceptor.base.MismatchException if the convention has no rules for the challenge */
    public Scoring {
        tolerancesMm = tolerancesMm.stream().distinct().sorted().toList();
        if (tolerancesMm.stream().anyMatch(t -> !(t >= 0) || t.isInfinite())) {
            throw new IllegalArgumentException("tolerances must be finite and at least 0 mm, not " + tolerancesMm);
        }
        LesionRules.of(convention, challenge);
    }

    /** The usual scoring of a label space: {@link #DEFAULTS} for BraTS, {@link Convention#NNUNET} for any other lesion. */
    public static Scoring of(LabelSpace labels) {
        return labels.hasBratsRegions() ? DEFAULTS : DEFAULTS.withConvention(Convention.NNUNET);
    }

    /** This scoring with another convention. */
    public Scoring withConvention(Convention other) {
        return new Scoring(other, challenge, tolerancesMm);
    }

    /** The rules that separate lesions. */
    public LesionRules rules() {
        return LesionRules.of(convention, challenge);
    }

    /**
     * Scores one mask against another on their common grid.
     *
     * @param prediction indices of voxels, x-fastest
     * @param reference the same of the reference
     * @throws dev.preceptor.base.MismatchException if a mask has voxels beyond the grid
     */
    public RegionScore score(BitSet prediction, BitSet reference, Grid grid) {
        RegionMasks masks = new RegionMasks(
                prediction, reference, grid, grid.size(), grid.size().voxels());
        return score(masks, masks.surfaces());
    }

    RegionScore score(RegionMasks masks, SurfacePair surfaces) {
        ConfusionCounts counts = masks.overlap();
        double millilitres = masks.grid().voxelVolume() / 1000;
        double sliceDice = masks.sliceDice();
        return new RegionScore(
                convention == Convention.SLICE_MTCM ? sliceDice : convention.orOfEmpty(counts.dice(), counts),
                hd95(surfaces),
                convention.sensitivity(counts),
                convention.specificity(counts),
                counts.referenced() * millilitres,
                counts.predicted() * millilitres,
                counts,
                sliceDice,
                tolerancesMm.stream()
                        .map(t -> new SurfaceDice(t, surfaceDice(surfaces, counts, t)))
                        .toList());
    }

    private double hd95(SurfacePair surfaces) {
        if (!convention.hasDistances()) {
            return Double.NaN;
        }
        if (surfaces.isMeasurable()) {
            return convention.hausdorff().of(surfaces);
        }
        if (surfaces.isEmpty()) {
            return convention.hd95OfBothEmpty();
        }
        return convention.isLesionWise() ? rules().penaltyMm() : convention.hd95OfOneEmpty();
    }

    private double surfaceDice(SurfacePair surfaces, ConfusionCounts counts, double toleranceMm) {
        if (!convention.hasDistances()) {
            return Double.NaN;
        }
        return convention.orOfEmpty(surfaces.isMeasurable() ? surfaces.surfaceDice(toleranceMm) : 0, counts);
    }
}
