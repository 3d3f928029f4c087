package dev.preceptor.distill;

import java.util.List;

/**
 * A factor that makes a distillation term as large as the supervised term beside it, from the means of both over one epoch.
 * Each balance belongs to one term.
 */
final class Balance {
    private final boolean isOn;
    private double supervised;
    private double distilled;
    private double factor = 1;

    /** @param isOn whether there is anything to balance; else the factor stays 1 */
    Balance(boolean isOn) {
        this.isOn = isOn;
    }

    double factor() {
        return factor;
    }

    /** Both terms of a step. */
    void gather(double supervisedTerm, double distilledTerm) {
        supervised += supervisedTerm;
        distilled += distilledTerm;
    }

    /** @param settles whether the factor is found now; it stays from then on */
    void endEpoch(boolean settles) {
        if (isOn && settles && distilled > 0) {
            factor = supervised / distilled;
        }
        supervised = 0;
        distilled = 0;
    }

    List<Double> memory() {
        return List.of(supervised, distilled, factor);
    }

    void recall(List<Double> memory) {
        supervised = memory.get(0);
        distilled = memory.get(1);
        factor = memory.get(2);
    }
}
