package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The scores of one predicted label map against its reference.
 *
 * @param regions the scores of WT, TC and ET under the chosen convention
 * @param brats the rows of the official BraTS table, for the regions of its rules
 */
public record SubjectScores(Map<Region, RegionScore> regions, Map<Region, BratsScore> brats) {
    public SubjectScores {
        regions = Collections.unmodifiableMap(new LinkedHashMap<>(regions));
        brats = Collections.unmodifiableMap(new LinkedHashMap<>(brats));
    }

    /**
     * Scores a label map against a reference on the same grid. They may be in different schemas.
     *
     * @param threads how many regions are scored in parallel, at least 1; the scores do not depend on it
     * @throws MismatchException if the grids differ
     */
    public static SubjectScores of(LabelMap prediction, LabelMap reference, Scoring scoring, int threads) {
        reference.grid().requireMatches(prediction.grid(), "the reference", "the prediction");
        LesionRules rules = scoring.rules();
        Map<Region, RegionMasks> masks = RegionMasks.of(prediction, reference, rules.regions(), rules.margin());
        Map<Region, LabelledComponents> lesions = components(masks, rules, false, threads);
        Map<Region, LabelledComponents> predicted = components(masks, rules, true, threads);
        record Scored(Region region, RegionScore score, BratsScore brats) {}
        List<Scored> scored = Parallel.map(rules.regions(), threads, region -> {
            RegionMasks pair = masks.get(region);
            SurfacePair surfaces = pair.surfaces();
            RegionScore score = scoring.score(pair, surfaces);
            BratsScore brats = BratsScore.of(pair, surfaces, predicted.get(region), lesions.get(region), rules, region);
            return new Scored(region, score, brats);
        });
        Map<Region, RegionScore> regions = new LinkedHashMap<>();
        Map<Region, BratsScore> brats = new LinkedHashMap<>();
        for (Scored one : scored) {
            brats.put(one.region, one.brats);
            if (Region.BRATS.contains(one.region)) {
                regions.put(one.region, one.score);
            }
        }
        return new SubjectScores(regions, brats);
    }

    private static Map<Region, LabelledComponents> components(
            Map<Region, RegionMasks> masks, LesionRules rules, boolean isPrediction, int threads) {
        List<Region> regions = rules.regions();
        List<LabelledComponents> separate = Parallel.map(regions, threads, region -> {
            RegionMasks pair = masks.get(region);
            return isPrediction
                    ? LesionWise.components(pair.prediction(), pair.grid().size(), rules, region)
                    : LesionWise.lesions(pair.reference(), pair.grid().size(), rules, region);
        });
        Map<Region, LabelledComponents> byRegion = new LinkedHashMap<>();
        regions.forEach(region -> byRegion.put(region, separate.get(byRegion.size())));
        Map<Region, LabelledComponents> merged = new LinkedHashMap<>();
        byRegion.forEach(
                (region, components) -> merged.put(region, mergedAcrossRegions(region, components, byRegion, rules)));
        return merged;
    }

    private static LabelledComponents mergedAcrossRegions(
            Region region, LabelledComponents components, Map<Region, LabelledComponents> byRegion, LesionRules rules) {
        LabelledComponents merged = components;
        for (Region other : rules.mergedAlong(region)) {
            merged = merged.mergedAlong(byRegion.get(other));
        }
        return merged;
    }
}
