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
 * @param guards of its inputs, if they were fitted
 */
public record Reliability(
        Temperatures temperatures, Map<String, RegionQuality> quality, Optional<GuardProfile> guards) {
    /** Nothing is known. */
    public static final Reliability NONE = new Reliability(Temperatures.NONE, Map.of(), Optional.empty());

    public Reliability {
        quality = Collections.unmodifiableMap(new TreeMap<>(quality));
    }

    /** What is known, in sentences; parts that were not fitted are missing. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        if (!temperatures.byRegion().isEmpty()) {
            sentences.add("Probabilities are calibrated by the temperatures " + temperatures.byRegion() + ".");
        }
        quality.forEach((region, fitted) -> sentences.add(String.format(
                Locale.ROOT,
                "The Dice of %s is predicted for each subject to +-%.2f, which should hold for %.0f %% of subjects;"
                        + " fitted on %d validation subjects.",
                region,
                fitted.halfWidth(),
                100 * fitted.coverage(),
                fitted.subjects())));
        guards.ifPresent(profile -> sentences.add("Inputs are compared with %d training subjects by the guards %s."
                .formatted(
                        profile.subjects(),
                        String.join(", ", profile.thresholds().keySet()))));
        return sentences;
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
        return new Reliability(temperatures, quality, profile);
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
                double[] promised = histograms.stream()
                        .mapToDouble(subject -> subject.get(region).expectedDice(fitted.of(region)))
                        .toArray();
                double[] actual = dice.stream()
                        .mapToDouble(subject -> subject.get(region))
                        .toArray();
                quality.put(region, RegionQuality.fit(promised, actual));
            }
        }
        return new Reliability(fitted, quality, Optional.empty());
    }

    /**
     * The expected Dice of each region for the probabilities of models.
     *
     * @param models at least one
     * @param regions the names of the regions
     * @param probabilities of each region, not calibrated
     * @param voxelMl volume of a voxel in ml
     * @param agreement Dice of the masks of members and mirrorings with the joint one, by region; empty if there is only one
     */
    public static Map<String, DiceEstimate> estimate(
            List<Reliability> models,
            List<String> regions,
            List<float[]> probabilities,
            double voxelMl,
            Map<String, Double> agreement) {
        Temperatures temperatures =
                Temperatures.mean(models.stream().map(Reliability::temperatures).toList());
        Map<String, DiceEstimate> estimates = new LinkedHashMap<>();
        for (int r = 0; r < regions.size(); r++) {
            String region = regions.get(r);
            double promised = LogitHistogram.of(probabilities.get(r), voxelMl).expectedDice(temperatures.of(region));
            estimates.put(region, estimate(models, region, promised, agreement.getOrDefault(region, Double.NaN)));
        }
        return estimates;
    }

    private static DiceEstimate estimate(List<Reliability> models, String region, double promised, double agreement) {
        if (!models.stream().allMatch(model -> model.quality.containsKey(region))) {
            return new DiceEstimate(promised, Double.NaN, Double.NaN, Double.NaN, 0, agreement);
        }
        List<RegionQuality> maps =
                models.stream().map(model -> model.quality.get(region)).toList();
        double dice =
                maps.stream().mapToDouble(map -> map.dice(promised)).average().orElseThrow();
        double half = maps.stream().mapToDouble(RegionQuality::halfWidth).max().orElseThrow();
        double lower = Math.max(0, dice - half);
        // Masks that differ among themselves by more than the interval allows say that it is too narrow.
        return new DiceEstimate(
                dice,
                Double.isNaN(agreement) ? lower : Math.min(lower, agreement),
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
