package dev.preceptor.metrics;

import dev.preceptor.volume.Grid;
import java.util.BitSet;

/**
 * How published tables score, above all where a mask is empty: the choice moves the mean of ET by several points. Every
 * score that Preceptor writes names its convention. NaN is left out of means.
 */
public enum Convention {
    /** BraTS up to 2021, as nnU-Net imitates it: both empty 1 and 0 mm, one empty 0 and the image's diagonal. */
    BRATS_LEGACY(1, 0, 0, 373.12866, Hausdorff.HD95_MEDPY),
    /** nnU-Net's own evaluation: both empty is undefined, and so is a distance to an empty mask. */
    NNUNET(Double.NaN, Double.NaN, 0, Double.NaN, Hausdorff.HD95_MEDPY),
    /** MONAI's defaults: undefined wherever the reference is empty, distances wherever either is. */
    MONAI(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Hausdorff.HD95_MONAI),
    /** RFNet and its family: 1e-8 in both halves of the fraction; no distances. */
    RFNET(1, Double.NaN, 0, Double.NaN, Hausdorff.HD95_MEDPY),
    /** ACN and SMU-Net: a distance of 1 where one mask is empty, which flatters. */
    ACN(1, 0, 0, 1, Hausdorff.HD95_MEDPY),
    /** The whole-volume part of BraTS 2023: both empty 1 and 0 mm, one empty 0 and 374 mm. */
    LESIONWISE_2023(1, 0, 0, 374, Hausdorff.HD95_DEEPMIND),
    /** The whole-volume part of BraTS 2024 GLI: as 2023 with a penalty of 337 mm. */
    LESIONWISE_2024(1, 0, 0, 337, Hausdorff.HD95_DEEPMIND),
    /** MTCM-KD: Dice averaged over the slices of the first axis, empty slices counting 1; no distances. */
    SLICE_MTCM(1, Double.NaN, 0, Double.NaN, Hausdorff.HD95_MEDPY);

    private final double diceOfNothing;
    private final double hd95OfNothing;
    private final double diceOfEmptyReference;
    private final double hd95OfOneEmpty;
    private final Hausdorff hausdorff;

    Convention(
            double diceOfNothing,
            double hd95OfNothing,
            double diceOfEmptyReference,
            double hd95OfOneEmpty,
            Hausdorff hausdorff) {
        this.diceOfNothing = diceOfNothing;
        this.hd95OfNothing = hd95OfNothing;
        this.diceOfEmptyReference = diceOfEmptyReference;
        this.hd95OfOneEmpty = hd95OfOneEmpty;
        this.hausdorff = hausdorff;
    }

    /** The variant of HD95 that this convention takes. */
    public Hausdorff hausdorff() {
        return hausdorff;
    }

    /** Whether this convention has distances at all. */
    public boolean hasDistances() {
        return this != RFNET && this != SLICE_MTCM;
    }

    /** Whether this is one of the BraTS challenges that score lesion by lesion. */
    public boolean isLesionWise() {
        return this == LESIONWISE_2023 || this == LESIONWISE_2024;
    }

    /** Scores one mask against another on their common grid, as {@link Scoring#DEFAULT} does but under this convention. */
    public RegionScore score(BitSet prediction, BitSet reference, Grid grid) {
        return Scoring.DEFAULT.withConvention(this).score(prediction, reference, grid);
    }

    /** The distance between two empty masks, in millimetres. */
    double hd95OfNothing() {
        return hd95OfNothing;
    }

    /** The distance between an empty mask and another, in millimetres. */
    double hd95OfOneEmpty() {
        return hd95OfOneEmpty;
    }

    /** A share of the overlap, of volumes or surfaces; where the reference is empty, what this convention puts there. */
    double orOfEmpty(double share, ConfusionCounts confusionCounts) {
        if (confusionCounts.referenced() > 0) {
            return share;
        }
        return confusionCounts.predicted() == 0 ? diceOfNothing : diceOfEmptyReference;
    }

    /** The BraTS 2023 code counts an empty reference as found if nothing is predicted and as missed otherwise. */
    double sensitivity(ConfusionCounts confusionCounts) {
        if (confusionCounts.referenced() > 0 || !isLesionWise()) {
            return confusionCounts.sensitivity();
        }
        return confusionCounts.predicted() == 0 ? 1 : 0;
    }

    /** The BraTS 2023 code gives 0 where the reference leaves no background. */
    double specificity(ConfusionCounts confusionCounts) {
        double specificity = confusionCounts.specificity();
        return isLesionWise() && Double.isNaN(specificity) ? 0 : specificity;
    }
}
