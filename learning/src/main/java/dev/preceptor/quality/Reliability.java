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
 * @param shifts by the name of the region, what is taken off the expected Dice of subjects that differ from the training; empty if it was
 *     not fitted, and in files of earlier versions
 * @param mirroredShifts the same for predictions with mirrorings
 * @param guards of its inputs, if they were fitted
 */
public record Reliability(
        Temperatures temperatures,
        Map<String, RegionQuality> quality,
        Map<String, RegionQuality> mirrored,
        Map<String, ShiftQuality> shifts,
        Map<String, ShiftQuality> mirroredShifts,
        Optional<GuardProfile> guards) {
    /** Nothing is known. */
    public static final Reliability NONE = new Reliability(Temperatures.NONE, Map.of(), Map.of(), Optional.empty());

    public Reliability {
        quality = Collections.unmodifiableMap(new TreeMap<>(quality));
        mirrored = Collections.unmodifiableMap(new TreeMap<>(mirrored));
        shifts = Collections.unmodifiableMap(new TreeMap<>(shifts));
        mirroredShifts = Collections.unmodifiableMap(new TreeMap<>(mirroredShifts));
    }

    /** Without knowledge about degraded images. */
    public Reliability(
            Temperatures temperatures,
            Map<String, RegionQuality> quality,
            Map<String, RegionQuality> mirrored,
            Optional<GuardProfile> guards) {
        this(temperatures, quality, mirrored, Map.of(), Map.of(), guards);
    }

    /** What is known, in sentences; parts that were not fitted are missing. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        if (!temperatures.byRegion().isEmpty()) {
            sentences.add("Probabilities are calibrated by the temperatures " + temperatures.byRegion() + ".");
        }
        quality.forEach((region, fitted) -> sentences.add(sentence(region, "", fitted)));
        mirrored.forEach((region, fitted) -> sentences.add(sentence(region, " with mirrorings", fitted)));
        shifts.forEach((region, fitted) -> sentences.add(String.format(
                Locale.ROOT,
                "The Dice of %s is expected to be lower on images unlike the training, by what %d degraded copies of validation"
                        + " subjects lost, to +-%.2f.",
                region,
                fitted.copies(),
                fitted.halfWidth())));
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
        if (!shifts.isEmpty()) {
            summary.put("shifts", shifts);
        }
        if (!mirroredShifts.isEmpty()) {
            summary.put("shifts_mirrored", mirroredShifts);
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

    /**
     * The expected Dice of each region for the probabilities of models.
     *
     * @param models at least one
     * @param regions the names of the regions
     * @param probabilities of each region, not calibrated
     * @param voxelMl volume of a voxel in ml
     * @param agreement Dice of the masks of members and mirrorings with the joint one, by region; empty if there is only one
     * @param findings of the guards of the images; if one fires, no lower bound is promised
     * @param measures of the images and of the lesion that was found, which models with guards compare with their training
     */
    public static Map<String, DiceEstimate> estimate(
            List<Reliability> models,
            List<String> regions,
            List<float[]> probabilities,
            double voxelMl,
            Map<String, Double> agreement,
            List<GuardFinding> findings,
            ImageMeasures measures) {
        boolean isUnlike = findings.stream().anyMatch(GuardFinding::fires);
        Temperatures temperatures =
                Temperatures.mean(models.stream().map(Reliability::temperatures).toList());
        Map<String, DiceEstimate> estimates = new LinkedHashMap<>();
        for (int r = 0; r < regions.size(); r++) {
            String region = regions.get(r);
            double promised = LogitHistogram.of(probabilities.get(r), voxelMl).expectedDice(temperatures.of(region));
            DiceEstimate estimate =
                    estimate(models, region, promised, agreement.getOrDefault(region, Double.NaN), measures);
            estimates.put(region, isUnlike ? estimate.withoutLowerBound() : estimate);
        }
        return estimates;
    }

    private static DiceEstimate estimate(
            List<Reliability> models, String region, double promised, double agreement, ImageMeasures measures) {
        RegionQuality ofMirrorings = models.get(0).mirrored.get(region);
        // The masks of an ensemble differ for other reasons than those of mirrorings.
        if (models.size() == 1 && ofMirrorings != null && !Double.isNaN(agreement)) {
            ShiftQuality shift = models.get(0).mirroredShifts.get(region);
            return estimate(
                    List.of(models.get(0).expect(ofMirrorings, shift, promised * agreement, measures)), agreement, 1);
        }
        if (!models.stream().allMatch(model -> model.quality.containsKey(region))) {
            return new DiceEstimate(promised, Double.NaN, Double.NaN, Double.NaN, 0, agreement);
        }
        List<Expectation> members = models.stream()
                .map(model -> model.expect(model.quality.get(region), model.shifts.get(region), promised, measures))
                .toList();
        // Masks that differ among themselves by more than the interval allows say that it is too narrow.
        return estimate(members, agreement, Double.isNaN(agreement) ? 1 : agreement);
    }

    /** What one model expects. */
    private record Expectation(double dice, double halfWidth, double coverage, int subjects) {}

    /** @param shift may be null */
    private Expectation expect(RegionQuality map, ShiftQuality shift, double predictor, ImageMeasures measures) {
        double deduction =
                shift == null || guards.isEmpty() ? 0 : shift.deduction(ShiftSignals.of(guards.get(), measures));
        double dice = map.dice(predictor);
        return deduction > 0
                ? new Expectation(Math.max(0, dice - deduction), shift.halfWidth(), shift.coverage(), map.subjects())
                : new Expectation(dice, map.halfWidth(), map.coverage(), map.subjects());
    }

    private static DiceEstimate estimate(List<Expectation> members, double agreement, double mostLower) {
        double dice = members.stream().mapToDouble(Expectation::dice).average().orElseThrow();
        double half = members.stream().mapToDouble(Expectation::halfWidth).max().orElseThrow();
        return new DiceEstimate(
                dice,
                Math.min(mostLower, Math.max(0, dice - half)),
                Math.min(1, dice + half),
                members.stream().mapToDouble(Expectation::coverage).min().orElseThrow(),
                members.stream().mapToInt(Expectation::subjects).min().orElseThrow(),
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
