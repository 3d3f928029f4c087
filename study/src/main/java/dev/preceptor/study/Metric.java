package dev.preceptor.study;

import dev.preceptor.metrics.RegionScore;
import java.util.function.ToDoubleFunction;

/** The metrics of a region that studies compare. */
public enum Metric {
    DICE("Dice", 3, true, RegionScore::dice),
    /** As MTCM-KD reports it; see {@link RegionScore#sliceDice}. */
    SLICE_DICE("slice Dice (MTCM)", 3, true, RegionScore::sliceDice),
    HD95("HD95 mm", 1, false, RegionScore::hd95Mm),
    SENSITIVITY("sensitivity", 3, true, RegionScore::sensitivity),
    SPECIFICITY("specificity", 4, true, RegionScore::specificity);

    private final String label;
    private final int decimals;
    private final boolean higherIsBetter;
    private final ToDoubleFunction<RegionScore> figure;

    Metric(String label, int decimals, boolean higherIsBetter, ToDoubleFunction<RegionScore> figure) {
        this.label = label;
        this.decimals = decimals;
        this.higherIsBetter = higherIsBetter;
        this.figure = figure;
    }

    /** The name in tables, with the unit. */
    public String label() {
        return label;
    }

    /** The count of decimals in tables. */
    public int decimals() {
        return decimals;
    }

    /** Whether a higher value is better. */
    public boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** The value for a region; NaN where the convention leaves it undefined. */
    public double of(RegionScore score) {
        return figure.applyAsDouble(score);
    }
}
