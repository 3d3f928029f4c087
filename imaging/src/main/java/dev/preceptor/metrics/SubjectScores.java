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
 * All that one label map earns against another.
 *
 * @param regions under the chosen convention, for WT, TC and ET
 * @param brats the lines of the official table of BraTS, for the regions of its rules
 */
public record SubjectScores(Map<Region, RegionScore> regions, Map<Region, BratsScore> brats) {
    public SubjectScores {
        regions = Collections.unmodifiableMap(new LinkedHashMap<>(regions));
        brats = Collections.unmodifiableMap(new LinkedHashMap<>(brats));
    }

    /**
     * Scores; the label maps may be in different schemas, each says its own.
     *
     * @param threads regions scored at once, at least 1; the scores do not depend on it
     * @throws MismatchException if the grids differ
     */
    public static SubjectScores of(LabelMap prediction, LabelMap reference, Scoring scoring, int threads) {
        reference.grid().requireMatches(prediction.grid(), "the reference", "the prediction");
        LesionRules rules = scoring.rules();
        Map<Region, RegionMasks> masks = RegionMasks.of(prediction, reference, rules.regions(), rules.margin());
        Map<Region, LabelledComponents> lesions = parts(masks, rules, false, threads);
        Map<Region, LabelledComponents> pieces = parts(masks, rules, true, threads);
        record Both(Region region, RegionScore score, BratsScore brats) {}
        List<Both> scored = Parallel.map(rules.regions(), threads, region -> {
            RegionMasks own = masks.get(region);
            SurfacePair surfaces = own.surfaces();
            RegionScore score = scoring.score(own, surfaces);
            BratsScore brats = BratsScore.of(own, surfaces, pieces.get(region), lesions.get(region), rules, region);
            return new Both(region, score, brats);
        });
        Map<Region, RegionScore> regions = new LinkedHashMap<>();
        Map<Region, BratsScore> brats = new LinkedHashMap<>();
        for (Both both : scored) {
            brats.put(both.region, both.brats);
            if (Region.BRATS.contains(both.region)) {
                regions.put(both.region, both.score);
            }
        }
        return new SubjectScores(regions, brats);
    }

    private static Map<Region, LabelledComponents> parts(
            Map<Region, RegionMasks> masks, LesionRules rules, boolean ofPrediction, int threads) {
        List<Region> regions = rules.regions();
        List<LabelledComponents> found = Parallel.map(regions, threads, region -> {
            RegionMasks own = masks.get(region);
            return ofPrediction
                    ? LesionWise.pieces(own.prediction(), own.grid().size(), rules, region)
                    : LesionWise.lesions(own.reference(), own.grid().size(), rules, region);
        });
        Map<Region, LabelledComponents> parts = new LinkedHashMap<>();
        regions.forEach(region -> parts.put(region, found.get(parts.size())));
        Map<Region, LabelledComponents> joined = new LinkedHashMap<>();
        parts.forEach((region, own) -> joined.put(region, joinedAcrossTissues(region, own, parts, rules)));
        return joined;
    }

    private static LabelledComponents joinedAcrossTissues(
            Region region, LabelledComponents own, Map<Region, LabelledComponents> parts, LesionRules rules) {
        LabelledComponents joined = own;
        for (Region other : rules.joinedAlong(region)) {
            joined = joined.joinedAlong(parts.get(other));
        }
        return joined;
    }
}
