package dev.preceptor.metrics;

import dev.preceptor.volume.Grid;
import java.util.BitSet;

/**
 * The scoring rules of published tables. They differ mainly where a mask is empty, which changes the mean of ET by several
 * points. What an evaluation or a study writes names its convention: terminal, pages, and files of scores but for
 * {@code brats.csv}, whose rules are those of the challenge. NaN means undefined and is left out of means. The table in
 * {@code docs/reference/conventions.md} compares the conventions.
 */
public enum Convention {
    /**
     * BraTS up to 2021, as nnU-Net reimplements it. Both masks empty: Dice 1, 0 mm. One empty: Dice 0, the diagonal of a
     * BraTS image (373.13 mm).
     */
    BRATS_LEGACY(1, 0, 0, 373.12866, Hausdorff.HD95_MEDPY),
    /** nnU-Net's own evaluation. Both masks empty: undefined. A distance to an empty mask: undefined. */
    NNUNET(Double.NaN, Double.NaN, 0, Double.NaN, Hausdorff.HD95_MEDPY),
    /** MONAI's defaults. Empty reference: Dice undefined. Either mask empty: distance undefined. */
    MONAI(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Hausdorff.HD95_MONAI),
    /**
     * RFNet (Ding et al., ICCV 2021) and later methods with its code: 1e-8 in numerator and denominator of Dice; no
     * distances.
     */
    RFNET(1, Double.NaN, 0, Double.NaN, Hausdorff.HD95_MEDPY),
    /** ACN (Wang et al., MICCAI 2021) and SMU-Net: a distance of 1 mm if one mask is empty, which lowers the mean. */
    ACN(1, 0, 0, 1, Hausdorff.HD95_MEDPY),
    /** The whole-volume scores of BraTS 2023. Both masks empty: Dice 1, 0 mm. One empty: Dice 0, 374 mm. */
    LESIONWISE_2023(1, 0, 0, 374, Hausdorff.HD95_DEEPMIND),
    /** The whole-volume scores of BraTS 2024 GLI: as in 2023, with a penalty of 337 mm. */
    LESIONWISE_2024(1, 0, 0, 337, Hausdorff.HD95_DEEPMIND),
    /** MTCM-KD: Dice averaged over the slices of the first axis, where an empty slice scores 1; no distances. */
    SLICE_MTCM(1, Double.NaN, 0, Double.NaN, Hausdorff.HD95_MEDPY);

    private final double diceOfBothEmpty;
    private final double hd95OfBothEmpty;
    private final double diceOfEmptyReference;
    private final double hd95OfOneEmpty;
    private final Hausdorff hausdorff;

    Convention(
            double diceOfBothEmpty,
            double hd95OfBothEmpty,
            double diceOfEmptyReference,
            double hd95OfOneEmpty,
            Hausdorff hausdorff) {
        this.diceOfBothEmpty = diceOfBothEmpty;
        this.hd95OfBothEmpty = hd95OfBothEmpty;
        this.diceOfEmptyReference = diceOfEmptyReference;
        this.hd95OfOneEmpty = hd95OfOneEmpty;
        this.hausdorff = hausdorff;
    }

    /** The variant of HD95 that this convention uses. */
    public Hausdorff hausdorff() {
        return hausdorff;
    }

    /** Whether this convention defines distances. */
    public boolean hasDistances() {
        return this != RFNET && this != SLICE_MTCM;
    }

    /** Whether this is a convention of a BraTS challenge that also scores each lesion. */
    public boolean isLesionWise() {
        return this == LESIONWISE_2023 || this == LESIONWISE_2024;
    }

    /**
     * Scores one mask against another on their common grid, with the other settings of {@link Scoring#DEFAULTS}.
     *
     * @param prediction indices of voxels, x-fastest
     * @param reference the same of the reference
     * @throws dev.preceptor.base.MismatchException if a mask has voxels beyond the grid
     */
    public RegionScore score(BitSet prediction, BitSet reference, Grid grid) {
        return Scoring.DEFAULTS.withConvention(this).score(prediction, reference, grid);
    }

    /** HD95 between two empty masks, in millimetres. */
    double hd95OfBothEmpty() {
        return hd95OfBothEmpty;
    }

    /** HD95 between an empty and a non-empty mask, in millimetres. */
    double hd95OfOneEmpty() {
        return hd95OfOneEmpty;
    }

    /**
     * Returns an overlap (of volumes or surfaces) unchanged if the reference is not empty, else the value of this
     * convention.
     */
    double orOfEmpty(double overlap, ConfusionCounts counts) {
        if (counts.referenced() > 0) {
            return overlap;
        }
        return counts.predicted() == 0 ? diceOfBothEmpty : diceOfEmptyReference;
    }

    /** Sensitivity. For an empty reference the BraTS 2023 code reports 1 if the prediction is empty too, else 0. */
    double sensitivity(ConfusionCounts counts) {
        if (counts.referenced() > 0 || !isLesionWise()) {
            return counts.sensitivity();
        }
        return counts.predicted() == 0 ? 1 : 0;
    }

    /** Specificity. The BraTS 2023 code reports 0 if the reference covers the whole grid. */
    double specificity(ConfusionCounts counts) {
        double specificity = counts.specificity();
        return isLesionWise() && Double.isNaN(specificity) ? 0 : specificity;
    }
}
