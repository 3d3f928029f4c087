package dev.preceptor.loss;

import java.util.List;

/**
 * A factor that makes a distillation term as large as the supervised term beside it, from the means of both over one epoch.
 * Each balance belongs to one term.
 */
public final class LossBalancer {
    private final boolean isOn;
    private double supervised;
    private double distilled;
    private double factor = 1;

    /** @param isOn whether there is anything to balance; else the factor stays 1 */
    public LossBalancer(boolean isOn) {
        this.isOn = isOn;
    }

    public double factor() {
        return factor;
    }

    /** Both terms of a step. */
    public void gather(double supervisedTerm, double distilledTerm) {
        supervised += supervisedTerm;
        distilled += distilledTerm;
    }

    /** @param settles whether the factor is found now; it stays from then on */
    public void endEpoch(boolean settles) {
        if (isOn && settles && distilled > 0) {
            factor = supervised / distilled;
        }
        supervised = 0;
        distilled = 0;
    }

    public List<Double> state() {
        return List.of(supervised, distilled, factor);
    }

    public void loadState(List<Double> memory) {
        supervised = memory.get(0);
        distilled = memory.get(1);
        factor = memory.get(2);
    }
}
