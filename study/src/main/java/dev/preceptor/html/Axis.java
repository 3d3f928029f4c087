package dev.preceptor.html;

import dev.preceptor.table.NumberStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A linear axis with round ticks.
 *
 * @param low its lower end
 * @param high its upper end, above the lower
 * @param step between ticks
 */
public record Axis(double low, double high, double step) {
    /** From 0 to 1. */
    public static final Axis UNIT = new Axis(0, 1, 0.25);

    /** An axis that holds two values, with about {@code ticks} ticks; it starts at 0 where the values are not far from 0. */
    public static Axis around(double least, double most, int ticks) {
        if (!Double.isFinite(least) || !Double.isFinite(most)) {
            return UNIT;
        }
        double from = least > 0 && (least < 0.4 * most || least == most) ? 0 : least;
        double span = most > from ? most - from : Math.max(1e-6, Math.abs(most) * 0.1);
        double rough = span / ticks;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
        double low = Math.floor(from / step + 1e-9) * step;
        double high = Math.ceil(most / step - 1e-9) * step;
        return new Axis(low, high > low ? high : low + step, step);
    }

    /** The position of a value on the axis: 0 at the lower end, 1 at the upper. */
    public double share(double value) {
        return (value - low) / (high - low);
    }

    /** The ticks in ascending order, both ends included. */
    public List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; low + i * step <= high + step / 2; i++) {
            ticks.add(low + i * step);
        }
        return ticks;
    }

    /**
     * Draws the grid line of a tick of a vertical axis, and its label left of the line.
     *
     * @param y of the line, in the units of the drawing as all lengths
     * @param left end of the line
     * @param right end of the line
     * @param gap between label and line
     */
    public void gridLine(HtmlWriter page, double tick, double y, int left, int right, int gap) {
        String at = HtmlWriter.coordinate(y);
        page.empty("line", "class", "grid", "x1", left, "x2", right, "y1", at, "y2", at);
        page.leaf("text", label(tick), "class", "tick end", "x", left - gap, "y", HtmlWriter.coordinate(y + 3.5));
    }

    /** The label of a tick, with as many decimals as the step needs. */
    public String label(double tick) {
        int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        if (step == 0.25) {
            decimals = 2;
        }
        if (decimals > 4) {
            return String.format(Locale.ROOT, "%.0e", tick).replace("e-0", "e-");
        }
        return NumberStyle.TYPESET.number(tick == 0 ? 0 : tick, decimals);
    }
}
