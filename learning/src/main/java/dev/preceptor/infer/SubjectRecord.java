package dev.preceptor.infer;

import dev.preceptor.quality.DiceEstimate;
import dev.preceptor.quality.Guard;
import dev.preceptor.quality.GuardFinding;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code predictions.json} says about a prediction beside hashes, as trees of maps; numbers that are unknown are missing. */
final class SubjectRecord {
    static final String VOLUMES = "ml";
    static final String DICE = "dice";
    static final String GUARDS = "guards";
    static final String ACCEPTED = "accepted";

    private SubjectRecord() {}

    /** The volume of each region, its expected Dice, the guards, and which of them were accepted. */
    static Map<String, Object> of(Prediction prediction) {
        Map<String, Object> record = new LinkedHashMap<>();
        record.put(VOLUMES, volumes(prediction.labels()));
        Map<String, Object> dice = new LinkedHashMap<>();
        prediction.assessment().dice().forEach((region, estimate) -> dice.put(region, dice(estimate)));
        record.put(DICE, dice);
        record.put(GUARDS, guards(prediction.assessment().findings()));
        record.put(
                ACCEPTED,
                prediction.assessment().accepted().stream().map(Guard::label).toList());
        return record;
    }

    private static Map<String, Object> volumes(LabelMap labels) {
        Map<String, Object> volumes = new LinkedHashMap<>();
        for (Region region : labels.schema().regions()) {
            double ml = labels.mask(region).cardinality() * labels.grid().voxelVolume() / 1000;
            volumes.put(region.name(), rounded(ml));
        }
        return volumes;
    }

    private static Map<String, Object> dice(DiceEstimate estimate) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("expected", rounded(estimate.dice()));
        if (estimate.isFitted()) {
            numbers.put("lower", rounded(estimate.lower()));
            numbers.put("upper", rounded(estimate.upper()));
        }
        if (!Double.isNaN(estimate.coverage())) {
            numbers.put("coverage", rounded(estimate.coverage()));
        }
        numbers.put("subjects", estimate.subjects());
        if (!Double.isNaN(estimate.agreement())) {
            numbers.put("agreement", rounded(estimate.agreement()));
        }
        return numbers;
    }

    /** Score, threshold and whether it fires, by the label of the guard. */
    static Map<String, Object> guards(List<GuardFinding> findings) {
        Map<String, Object> guards = new LinkedHashMap<>();
        findings.forEach(finding -> {
            Map<String, Object> numbers = new LinkedHashMap<>();
            numbers.put("score", rounded(finding.score()));
            numbers.put("threshold", finding.threshold());
            numbers.put("fires", finding.fires());
            guards.put(finding.guard().label(), numbers);
        });
        return guards;
    }

    private static double rounded(double value) {
        return Math.rint(value * 1e4) / 1e4;
    }
}
