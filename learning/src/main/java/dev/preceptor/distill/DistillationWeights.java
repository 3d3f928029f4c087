package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What weighs the distillation terms of a student's phase beside their constants: a {@link Ramp} over the epochs, and with
 * {@link RegionWeighting#ADVANTAGE} the {@link RegionAdvantage} of the teachers. Part of the state of the phase.
 */
final class DistillationWeights {
    private final Ramp ramp;
    private final Optional<RegionAdvantage> regions;

    /**
     * @param ramp epochs of the ramp; 0 for none
     * @param weighting how the terms weigh the regions
     * @param margin of the advantage
     * @param teachers whose advantage is measured
     * @param student names the regions
     */
    DistillationWeights(int ramp, RegionWeighting weighting, double margin, Teachers teachers, Role student) {
        this.ramp = new Ramp(ramp);
        this.regions = weighting == RegionWeighting.ADVANTAGE
                ? Optional.of(
                        new RegionAdvantage(teachers.roles(), student.outputs().regionNames(), margin))
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

    /** The weights of the regions; empty if all weigh alike. */
    Optional<RegionAdvantage> regions() {
        return regions;
    }

    /** The weights of the regions by name, for the log; empty if all weigh alike. */
    Map<String, Double> metrics() {
        return regions.map(RegionAdvantage::metrics).orElse(Map.of());
    }

    void endEpoch() {
        ramp.endEpoch();
    }

    Map<String, List<Double>> state() {
        Map<String, List<Double>> state =
                new LinkedHashMap<>(regions.map(RegionAdvantage::state).orElse(Map.of()));
        ramp.save(state);
        return state;
    }

    void loadState(Map<String, List<Double>> state) {
        ramp.load(state);
        regions.ifPresent(advantage -> advantage.loadState(state));
    }
}
