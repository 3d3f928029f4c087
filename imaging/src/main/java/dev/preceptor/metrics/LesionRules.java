package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Map;

/**
 * The rules by which a BraTS challenge of one year separates lesions and scores them, from the official code of 2023
 * (https://github.com/rachitsaluja/BraTS-2023-Metrics) and 2024. They are described in
 * {@code docs/reference/conventions.md}.
 *
 * @param year 2023, or 2024 for {@link Challenge#GLI} and {@link Challenge#PED}
 * @param challenge the challenge whose thresholds hold
 */
public record LesionRules(int year, Challenge challenge) {
    private static final Map<Region, List<Region>> MERGED_ALONG = Map.of(
            Region.NETC, List.of(Region.ET, Region.RC),
            Region.ET, List.of(Region.NETC, Region.RC),
            Region.RC, List.of(Region.ET, Region.NETC),
            Region.SNFH, List.of(Region.ET, Region.RC, Region.NETC));

    /** @throws MismatchException if the rules of that challenge and year are not implemented */
    public LesionRules {
        if (year != 2023 && year != 2024) {
            throw new IllegalArgumentException("lesion-wise scores are known for 2023 and 2024, not " + year);
        }
        if (year == 2024 && challenge != Challenge.GLI && challenge != Challenge.PED) {
            throw new MismatchException("challenge " + challenge
                    + " has no lesion-wise rules of 2024; use convention LESIONWISE_2023, or challenge GLI or PED");
        }
    }

    /** The rules that belong to a convention: those of 2024 for {@link Convention#LESIONWISE_2024}, else those of 2023. */
    public static LesionRules of(Convention convention, Challenge challenge) {
        return new LesionRules(convention == Convention.LESIONWISE_2024 ? 2024 : 2023, challenge);
    }

    /**
     * The regions whose lesions are scored: those of the official table, in its order, or those of a label space that is not
     * of BraTS.
     *
     * @throws MismatchException if the rules need the regions of BraTS and the label space has others
     */
    public List<Region> regions(LabelSpace labels) {
        if (!labels.hasBratsRegions()) {
            if (year == 2024) {
                throw new MismatchException("the lesion-wise rules of 2024 are for the regions WT, TC and ET, but "
                        + labels.name() + " has " + labels.regions() + "; use convention LESIONWISE_2023");
            }
            return labels.regions();
        }
        return isGlioma2024() ? Region.BRATS_2024 : Region.BRATS;
    }

    /** The HD95 in millimetres that counts for each missed lesion and each false positive component. */
    public double penaltyMm() {
        return isGlioma2024() ? 337 : 374;
    }

    /**
     * The number of dilation steps (18 neighbours) that merge components of the reference into one lesion and that define
     * which predicted components touch a lesion.
     */
    int dilation(Region region) {
        if (year == 2024) {
            boolean isWide = challenge == Challenge.PED || region.equals(Region.NETC) || region.equals(Region.RC);
            return isWide ? 5 : 3;
        }
        return challenge == Challenge.MEN || challenge == Challenge.MET ? 1 : 3;
    }

    /** Lesions of at most this volume, in cubic millimetres, are not scored. */
    double ignoredMm3(Region region) {
        if (year == 2024) {
            return challenge == Challenge.PED || region.equals(Region.ET) ? 10 : 20;
        }
        return challenge == Challenge.MET ? 2 : 50;
    }

    /**
     * Whether predicted components are merged by dilation too, and dropped if they have no more voxels than the volume
     * threshold of lesions.
     */
    boolean mergesPredictedComponents() {
        return year == 2024;
    }

    /**
     * The regions along whose components the components of a region are merged, one region after the other (2024, glioma).
     * The official code merges twice from the same components, with the same result.
     */
    List<Region> mergedAlong(Region region) {
        return isGlioma2024() ? MERGED_ALONG.getOrDefault(region, List.of()) : List.of();
    }

    /**
     * The margin in voxels around the tumour that affects its scores: the numbering of lesions, by which 2024 merges those
     * of other regions.
     */
    int margin() {
        return isGlioma2024() ? 5 : 0;
    }

    /** The convention of the whole-volume figures. */
    Convention convention() {
        return year == 2024 ? Convention.LESIONWISE_2024 : Convention.LESIONWISE_2023;
    }

    /** Whether the official table includes normalised surface Dice at 0.5 and 1 mm. */
    boolean hasSurfaceDice() {
        return isGlioma2024();
    }

    private boolean isGlioma2024() {
        return year == 2024 && challenge == Challenge.GLI;
    }

    /** {@code 2023 GLI}. */
    @Override
    public String toString() {
        return year + " " + challenge;
    }
}
