package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The scores of one predicted label map against its reference.
 *
 * @param regions the scores of the regions of the reference's label space under the chosen convention
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
     * @param threads how many regions are scored in parallel, at least 1; the scores do not depend on it. Regions with the same
     *     voxels in both maps count as one
     * @throws MismatchException if the grids differ
     */
    public static SubjectScores of(LabelMap prediction, LabelMap reference, Scoring scoring, int threads) {
        reference.grid().requireMatches(prediction.grid(), "the reference", "the prediction");
        LesionRules rules = scoring.rules();
        LabelSpace labels = reference.schema();
        requireComparable(prediction.schema(), labels);
        List<Region> official = rules.regions(labels);
        List<Region> all = Stream.concat(official.stream(), labels.regions().stream())
                .distinct()
                .toList();
        Map<Region, RegionMasks> masks = RegionMasks.of(prediction, reference, all, rules.margin());
        Map<Region, Region> alike = alike(all, masks, rules);
        List<Region> measured = alike.values().stream().distinct().toList();
        Map<Region, LabelledComponents> lesions = components(masks, measured, alike, rules, false, threads);
        Map<Region, LabelledComponents> predicted = components(masks, measured, alike, rules, true, threads);
        record Scored(RegionScore score, BratsScore brats) {}
        Map<Region, Scored> scored = each(measured, threads, region -> {
            RegionMasks pair = masks.get(region);
            SurfacePair surfaces = pair.surfaces();
            RegionScore score = scoring.score(pair, surfaces);
            BratsScore brats = BratsScore.of(pair, surfaces, predicted.get(region), lesions.get(region), rules, region);
            return new Scored(score, brats);
        });
        Map<Region, RegionScore> regions = new LinkedHashMap<>();
        Map<Region, BratsScore> brats = new LinkedHashMap<>();
        for (Region region : all) {
            Scored one = scored.get(alike.get(region));
            if (official.contains(region)) {
                brats.put(region, one.brats);
            }
            if (labels.regions().contains(region)) {
                regions.put(region, one.score);
            }
        }
        return new SubjectScores(regions, brats);
    }

    /** Without this check, a prediction whose classes the reference lacks would score 0 without an error. */
    private static void requireComparable(LabelSpace predicted, LabelSpace labels) {
        boolean isForeign = !(predicted.hasBratsRegions() && labels.hasBratsRegions())
                && !labels.values().values().containsAll(predicted.values().values());
        if (isForeign) {
            throw new MismatchException("the prediction has the labels " + predicted + " but the reference " + labels
                    + "; they cannot be compared");
        }
    }

    /**
     * For each region the first one with the same voxels and the same rules, whose scores are also its own: an enhancing tumour
     * without necrosis is its own core, and regions that are absent from both maps are alike.
     */
    private static Map<Region, Region> alike(List<Region> regions, Map<Region, RegionMasks> masks, LesionRules rules) {
        record Measure(RegionMasks masks, int dilation, double ignoredMm3, List<Region> mergedAlong) {}
        Map<Measure, Region> first = new HashMap<>();
        Map<Region, Region> alike = new LinkedHashMap<>();
        for (Region region : regions) {
            Measure measure = new Measure(
                    masks.get(region), rules.dilation(region), rules.ignoredMm3(region), rules.mergedAlong(region));
            first.putIfAbsent(measure, region);
            alike.put(region, first.get(measure));
        }
        return alike;
    }

    /** The components of the regions that are measured; {@code alike} gives the measured region of every region. */
    private static Map<Region, LabelledComponents> components(
            Map<Region, RegionMasks> masks,
            List<Region> measured,
            Map<Region, Region> alike,
            LesionRules rules,
            boolean isPrediction,
            int threads) {
        Map<Region, LabelledComponents> separate = each(measured, threads, region -> {
            RegionMasks pair = masks.get(region);
            return isPrediction
                    ? LesionWise.components(pair.prediction(), pair.grid().size(), rules, region)
                    : LesionWise.lesions(pair.reference(), pair.grid().size(), rules, region);
        });
        Map<Region, LabelledComponents> byRegion = new LinkedHashMap<>();
        alike.forEach((region, first) -> byRegion.put(region, separate.get(first)));
        Map<Region, LabelledComponents> merged = new LinkedHashMap<>();
        measured.forEach(
                region -> merged.put(region, mergedAcrossRegions(region, byRegion.get(region), byRegion, rules)));
        return merged;
    }

    private static <T> Map<Region, T> each(List<Region> regions, int threads, Function<Region, T> work) {
        List<T> results = Parallel.map(regions, threads, work);
        Map<Region, T> byRegion = new LinkedHashMap<>();
        regions.forEach(region -> byRegion.put(region, results.get(byRegion.size())));
        return byRegion;
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
