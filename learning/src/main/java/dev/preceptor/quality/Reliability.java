package dev.preceptor.quality;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a model knows about its own reliability.
 *
 * @param temperatures that calibrate its probabilities
 * @param quality by the name of the region, from promised to expected Dice; empty if too few validation subjects were there
 * @param mirrored the same for predictions with mirrorings, from promised Dice times agreement to expected Dice; empty also in files of
 *     earlier versions
 * @param guards of its inputs, if they were fitted
 */
public record Reliability(
        Temperatures temperatures,
        Map<String, RegionQuality> quality,
        Map<String, RegionQuality> mirrored,
        Optional<GuardProfile> guards) {
    /** Nothing is known. */
    public static final Reliability NONE = new Reliability(Temperatures.NONE, Map.of(), Map.of(), Optional.empty());

    public Reliability {
        quality = Collections.unmodifiableMap(new TreeMap<>(quality));
        mirrored = Collections.unmodifiableMap(new TreeMap<>(mirrored));
    }

    /** What is known, in sentences; parts that were not fitted are missing. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        if (!temperatures.byRegion().isEmpty()) {
            sentences.add("Probabilities are calibrated by the temperatures " + temperatures.byRegion() + ".");
        }
        quality.forEach((region, fitted) -> sentences.add(sentence(region, "", fitted)));
        mirrored.forEach((region, fitted) -> sentences.add(sentence(region, " with mirrorings", fitted)));
        guards.ifPresent(profile -> sentences.add("Inputs are compared with %d training subjects by the guards %s."
                .formatted(
                        profile.subjects(),
                        String.join(", ", profile.thresholds().keySet()))));
        return sentences;
    }

    private static String sentence(String region, String way, RegionQuality fitted) {
        return String.format(
                Locale.ROOT,
                "The Dice of %s%s is predicted for each subject to +-%.2f, which should hold for %.0f %% of subjects;"
                        + " fitted on %d validation subjects.",
                region,
                way,
                fitted.halfWidth(),
                100 * fitted.coverage(),
                fitted.subjects());
    }

    /** A summary for people: temperatures, intervals and thresholds by name; parts that were not fitted are missing. */
    public Map<String, Object> summary() {
        Map<String, Object> summary = new LinkedHashMap<>();
        if (!temperatures.byRegion().isEmpty()) {
            summary.put("temperatures", temperatures.byRegion());
        }
        if (!quality.isEmpty()) {
            summary.put("quality", quality);
        }
        if (!mirrored.isEmpty()) {
            summary.put("quality_mirrored", mirrored);
        }
        guards.ifPresent(profile -> {
            Map<String, Object> brief = new LinkedHashMap<>();
            brief.put("subjects", profile.subjects());
            brief.put("thresholds", profile.thresholds());
            brief.put("sequences", List.copyOf(profile.directions().keySet()));
            summary.put("guards", brief);
        });
        return summary;
    }

    /** A copy with guards. */
    public Reliability withGuards(Optional<GuardProfile> profile) {
        return new Reliability(temperatures, quality, mirrored, profile);
    }

    /**
     * A copy with the map for predictions with mirrorings, if there are {@link RegionQuality#LEAST_SUBJECTS} of them.
     *
     * @param agreement of the mirrorings of each validation subject by region
     * @param histograms of the same predictions by region
     * @param dice of the same predictions by region, after post-processing
     */
    public Reliability withMirrored(
            List<Map<String, Double>> agreement,
            List<Map<String, LogitHistogram>> histograms,
            List<Map<String, Double>> dice) {
        Map<String, RegionQuality> fitted = new LinkedHashMap<>();
        if (agreement.size() >= RegionQuality.LEAST_SUBJECTS) {
            for (String region : agreement.get(0).keySet()) {
                double[] predictors = promised(region, histograms, temperatures);
                for (int i = 0; i < predictors.length; i++) {
                    predictors[i] *= agreement.get(i).get(region);
                }
                fitted.put(region, RegionQuality.fit(predictors, actual(region, dice)));
            }
        }
        return new Reliability(temperatures, quality, fitted, guards);
    }

    private static double[] promised(
            String region, List<Map<String, LogitHistogram>> histograms, Temperatures temperatures) {
        return histograms.stream()
                .mapToDouble(subject -> subject.get(region).expectedDice(temperatures.of(region)))
                .toArray();
    }

    private static double[] actual(String region, List<Map<String, Double>> dice) {
        return dice.stream().mapToDouble(subject -> subject.get(region)).toArray();
    }

    /**
     * Fits temperatures and the map to Dice, without guards.
     *
     * @param regions the names of the regions
     * @param isShared whether all regions have one temperature, as those of a softmax
     * @param histograms of each validation subject by region
     * @param dice of the same subjects by region, after post-processing
     */
    public static Reliability fit(
            List<String> regions,
            boolean isShared,
            List<Map<String, LogitHistogram>> histograms,
            List<Map<String, Double>> dice) {
        Map<String, Double> temperatures = new LinkedHashMap<>();
        List<LogitHistogram> all = new ArrayList<>();
        for (String region : regions) {
            List<LogitHistogram> ofRegion =
                    histograms.stream().map(subject -> subject.get(region)).toList();
            all.addAll(ofRegion);
            temperatures.put(region, Temperatures.fit(ofRegion));
        }
        if (isShared) {
            double shared = Temperatures.fit(all);
            temperatures.replaceAll((region, own) -> shared);
        }
        Temperatures fitted = new Temperatures(temperatures);
        Map<String, RegionQuality> quality = new LinkedHashMap<>();
        if (histograms.size() >= RegionQuality.LEAST_SUBJECTS) {
            for (String region : regions) {
                quality.put(region, RegionQuality.fit(promised(region, histograms, fitted), actual(region, dice)));
            }
        }
        return new Reliability(fitted, quality, Map.of(), Optional.empty());
    }

    /**
     * The expected Dice of each region for the probabilities of models.
     *
     * @param models at least one
     * @param regions the names of the regions
     * @param probabilities of each region, not calibrated
     * @param voxelMl volume of a voxel in ml
     * @param agreement Dice of the masks of members and mirrorings with the joint one, by region; empty if there is only one
     * @param findings of the guards of the images; if one fires, no lower bound is promised
     */
    public static Map<String, DiceEstimate> estimate(
            List<Reliability> models,
            List<String> regions,
            List<float[]> probabilities,
            double voxelMl,
            Map<String, Double> agreement,
            List<GuardFinding> findings) {
        boolean isUnlike = findings.stream().anyMatch(GuardFinding::fires);
        Temperatures temperatures =
                Temperatures.mean(models.stream().map(Reliability::temperatures).toList());
        Map<String, DiceEstimate> estimates = new LinkedHashMap<>();
        for (int r = 0; r < regions.size(); r++) {
            String region = regions.get(r);
            double promised = LogitHistogram.of(probabilities.get(r), voxelMl).expectedDice(temperatures.of(region));
            DiceEstimate estimate = estimate(models, region, promised, agreement.getOrDefault(region, Double.NaN));
            estimates.put(region, isUnlike ? estimate.withoutLowerBound() : estimate);
        }
        return estimates;
    }

    private static DiceEstimate estimate(List<Reliability> models, String region, double promised, double agreement) {
        RegionQuality ofMirrorings = models.get(0).mirrored.get(region);
        // The masks of an ensemble differ for other reasons than those of mirrorings.
        if (models.size() == 1 && ofMirrorings != null && !Double.isNaN(agreement)) {
            return estimate(List.of(ofMirrorings), promised * agreement, agreement, 1);
        }
        if (!models.stream().allMatch(model -> model.quality.containsKey(region))) {
            return new DiceEstimate(promised, Double.NaN, Double.NaN, Double.NaN, 0, agreement);
        }
        List<RegionQuality> maps =
                models.stream().map(model -> model.quality.get(region)).toList();
        // Masks that differ among themselves by more than the interval allows say that it is too narrow.
        return estimate(maps, promised, agreement, Double.isNaN(agreement) ? 1 : agreement);
    }

    private static DiceEstimate estimate(
            List<RegionQuality> maps, double predictor, double agreement, double mostLower) {
        double dice =
                maps.stream().mapToDouble(map -> map.dice(predictor)).average().orElseThrow();
        double half = maps.stream().mapToDouble(RegionQuality::halfWidth).max().orElseThrow();
        return new DiceEstimate(
                dice,
                Math.min(mostLower, Math.max(0, dice - half)),
                Math.min(1, dice + half),
                maps.stream().mapToDouble(RegionQuality::coverage).min().orElseThrow(),
                maps.stream().mapToInt(RegionQuality::subjects).min().orElseThrow(),
                agreement);
    }

    /**
     * Compares images with those of the training of models. Of an ensemble a guard fires if it does for more than half of the
     * members that have guards.
     *
     * @return one finding for each guard that any member has
     */
    public static List<GuardFinding> check(List<Reliability> models, SubjectImages subject) {
        return majority(models.stream()
                .flatMap(model -> model.guards.stream())
                .map(profile -> profile.check(subject))
                .toList());
    }

    /** The same of the lesion of a subject. */
    public static List<GuardFinding> checkLesion(List<Reliability> models, SubjectImages subject, List<String> inputs) {
        return majority(models.stream()
                .flatMap(model -> model.guards.stream())
                .map(profile -> profile.checkLesion(subject, inputs).stream().toList())
                .toList());
    }

    /** For each guard the finding in the middle by excess, the lower of two. */
    private static List<GuardFinding> majority(List<List<GuardFinding>> members) {
        Map<Guard, List<GuardFinding>> byGuard = new TreeMap<>();
        members.forEach(findings ->
                findings.forEach(finding -> byGuard.computeIfAbsent(finding.guard(), guard -> new ArrayList<>())
                        .add(finding)));
        return byGuard.values().stream()
                .map(findings -> findings.stream()
                        .sorted((a, b) -> Double.compare(a.excess(), b.excess()))
                        .toList()
                        .get((findings.size() - 1) / 2))
                .toList();
    }
}
