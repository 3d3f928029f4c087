package dev.preceptor.loss;

import java.util.List;

/**
 * The factor on one distillation term that makes it as large as a supervised term: the ratio of their means over one epoch,
 * constant from then on. Before, and if balancing is off, it is 1.
 */
public final class LossBalancer {
    private final boolean isOn;
    private double supervised;
    private double distilled;
    private double factor = 1;

    /** @param isOn whether to balance; if not, the factor stays 1 */
    public LossBalancer(boolean isOn) {
        this.isOn = isOn;
    }

    /** The factor on the distillation term, above 0. */
    public double factor() {
        return factor;
    }

    /** Adds both terms of a step. */
    public void add(double supervisedTerm, double distilledTerm) {
        supervised += supervisedTerm;
        distilled += distilledTerm;
    }

    /** @param sets whether to set the factor from the steps of this epoch */
    public void endEpoch(boolean sets) {
        if (isOn && sets && distilled > 0) {
            factor = supervised / distilled;
        }
        supervised = 0;
        distilled = 0;
    }

    /** Three numbers for a checkpoint. */
    public List<Double> state() {
        return List.of(supervised, distilled, factor);
    }

    /** Restores what {@link #state} returned. */
    public void loadState(List<Double> state) {
        supervised = state.get(0);
        distilled = state.get(1);
        factor = state.get(2);
    }
}
