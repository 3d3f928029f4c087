package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Map;

/**
 * By which rules a year and a challenge of BraTS tell lesions apart: methods.md 6.4, from the official code of 2023 and 2024.
 *
 * @param year 2023, or 2024 for {@link Challenge#GLI} and {@link Challenge#PED}
 * @param challenge whose thresholds
 */
public record LesionRules(int year, Challenge challenge) {
    private static final Map<Region, List<Region>> ALONG = Map.of(
            Region.NETC, List.of(Region.ET, Region.RC),
            Region.ET, List.of(Region.NETC, Region.RC),
            Region.RC, List.of(Region.ET, Region.NETC),
            Region.SNFH, List.of(Region.ET, Region.RC, Region.NETC));

    /** @throws MismatchException if that challenge has no rules of that year here */
    public LesionRules {
        if (year != 2023 && year != 2024) {
            throw new IllegalArgumentException("lesion-wise scores are known for 2023 and 2024, not " + year);
        }
        if (year == 2024 && challenge != Challenge.GLI && challenge != Challenge.PED) {
            throw new MismatchException(
                    "challenge " + challenge + " has no rules of 2024 here; take LESIONWISE_2023, or" + " GLI or PED");
        }
    }

    /** The rules that go with a convention: those of 2024 for {@link Convention#LESIONWISE_2024}, else those of 2023. */
    public static LesionRules of(Convention convention, Challenge challenge) {
        return new LesionRules(convention == Convention.LESIONWISE_2024 ? 2024 : 2023, challenge);
    }

    /** The regions that are scored, in the order of the official table. */
    public List<Region> regions() {
        return isOfGliomaIn2024() ? Region.BRATS_2024 : Region.BRATS;
    }

    /** What a missed lesion or a false piece adds to the distances, in millimetres. */
    public double penaltyMm() {
        return isOfGliomaIn2024() ? 337 : 374;
    }

    /** How many steps of the 18 neighbours join parts of a reference into one lesion, and reach for a prediction. */
    int dilation(Region region) {
        if (year == 2024) {
            boolean isWide = challenge == Challenge.PED || region.equals(Region.NETC) || region.equals(Region.RC);
            return isWide ? 5 : 3;
        }
        return challenge == Challenge.MEN || challenge == Challenge.MET ? 1 : 3;
    }

    /** Lesions of at most this volume, in cubic millimetres, count in no sum. */
    double ignoredMm3(Region region) {
        if (year == 2024) {
            return challenge == Challenge.PED || region.equals(Region.ET) ? 10 : 20;
        }
        return challenge == Challenge.MET ? 2 : 50;
    }

    /** Whether predicted pieces are joined as lesions are, and dropped where they have no more voxels than a lesion needs. */
    boolean joinsPieces() {
        return year == 2024;
    }

    /**
     * Along the parts of which tissues those of a region are joined, one after the other: 2024, glioma. The official code does
     * so twice, from the same parts, to the same end.
     */
    List<Region> joinedAlong(Region region) {
        return isOfGliomaIn2024() ? ALONG.getOrDefault(region, List.of()) : List.of();
    }

    /** How many voxels around a tumour bear on its scores: the numbers of lesions, where lesions of others are joined by them. */
    int margin() {
        return isOfGliomaIn2024() ? 5 : 0;
    }

    /** What the whole-volume figures are where masks are empty. */
    Convention convention() {
        return year == 2024 ? Convention.LESIONWISE_2024 : Convention.LESIONWISE_2023;
    }

    /** Whether normalised surface Dice at 0.5 and 1 mm belongs to the official table. */
    boolean hasSurfaceDice() {
        return isOfGliomaIn2024();
    }

    private boolean isOfGliomaIn2024() {
        return year == 2024 && challenge == Challenge.GLI;
    }

    /** {@code 2023 GLI}. */
    @Override
    public String toString() {
        return year + " " + challenge;
    }
}
