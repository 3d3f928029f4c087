package dev.preceptor.study;

import dev.preceptor.metrics.RegionScore;
import java.util.function.ToDoubleFunction;

/** The figures of a region that studies compare. */
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

    /** As tables print it, with its unit. */
    public String label() {
        return label;
    }

    /** How many are worth printing. */
    public int decimals() {
        return decimals;
    }

    /** Whether more is better. */
    public boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** The figure of a region; NaN where the convention leaves it undefined. */
    public double of(RegionScore score) {
        return figure.applyAsDouble(score);
    }
}
