package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The factors of a student's distillation terms that change during its phase: a {@link Ramp} over the epochs, and with
 * {@link RegionWeighting#ADVANTAGE} the {@link RegionAdvantage} of the teachers, both in the chosen regions alone. Part of the
 * state of the phase.
 */
final class DistillationWeights {
    private final Ramp ramp;
    private final List<String> regions;
    private final List<Double> chosen;
    private final Optional<RegionAdvantage> advantage;

    /**
     * @param ramp epochs of the ramp; 0 for none
     * @param chosen names of the regions that count; empty for all
     * @param weighting how the terms weigh the regions
     * @param margin of the advantage
     * @param teachers whose advantage is measured
     * @param student names the regions
     */
    DistillationWeights(
            int ramp, List<String> chosen, RegionWeighting weighting, double margin, Teachers teachers, Role student) {
        this.ramp = new Ramp(ramp);
        this.regions = student.outputs().regionNames();
        this.chosen = regions.stream()
                .map(region -> chosen.isEmpty() || chosen.contains(region) ? 1.0 : 0.0)
                .toList();
        this.advantage = weighting == RegionWeighting.ADVANTAGE
                ? Optional.of(new RegionAdvantage(teachers.roles(), regions, margin))
                : Optional.empty();
    }

    /** @throws dev.preceptor.base.InvalidRecipeException if a value is out of range */
    static void requireValid(int ramp, double margin) {
        Ramp.requireLength(ramp);
        Settings.require(margin > 0 && margin <= 1, "distillation.margin", "above 0 and at most 1", margin);
    }

    /** The factor of all distillation terms in the running epoch, above 0 and at most 1. */
    double factor() {
        return ramp.factor();
    }

    /** By how much the teachers are better than the student in each region; empty if the regions are not weighted by it. */
    Optional<RegionAdvantage> advantage() {
        return advantage;
    }

    /** Whether the regions have weights of their own. */
    boolean weighRegions() {
        return advantage.isPresent() || chosen.contains(0.0);
    }

    /** The weights of the regions in their order, 0 to 1. */
    List<Double> ofRegions() {
        List<Double> factors = advantage.map(RegionAdvantage::weights).orElse(chosen);
        return IntStream.range(0, chosen.size())
                .mapToObj(r -> chosen.get(r) * factors.get(r))
                .toList();
    }

    /** The weights of the regions by name, for the log; empty if all weigh alike. */
    Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (weighRegions()) {
            List<Double> weights = ofRegions();
            for (int r = 0; r < weights.size(); r++) {
                metrics.put("weight_" + regions.get(r), weights.get(r));
            }
        }
        return metrics;
    }

    void endEpoch() {
        ramp.endEpoch();
    }

    Map<String, List<Double>> state() {
        Map<String, List<Double>> state =
                new LinkedHashMap<>(advantage.map(RegionAdvantage::state).orElse(Map.of()));
        ramp.save(state);
        return state;
    }

    void loadState(Map<String, List<Double>> state) {
        ramp.load(state);
        advantage.ifPresent(known -> known.loadState(state));
    }
}
