package dev.preceptor.report;

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
record Axis(double low, double high, double step) {
    /** From 0 to 1. */
    static final Axis UNIT = new Axis(0, 1, 0.25);

    /** Around some values, with about so many ticks; begins at 0 where that costs little room. */
    static Axis around(double least, double most, int ticks) {
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

    /** Where a value lies, 0 at the lower end, 1 at the upper. */
    double share(double value) {
        return (value - low) / (high - low);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; low + i * step <= high + step / 2; i++) {
            ticks.add(low + i * step);
        }
        return ticks;
    }

    /** A tick's label, with as many decimals as the step needs. */
    String label(double tick) {
        int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        if (step == 0.25) {
            decimals = 2;
        }
        if (decimals > 4) {
            return String.format(Locale.ROOT, "%.0e", tick).replace("e-0", "e-");
        }
        return TableCell.text(tick == 0 ? 0 : tick, decimals);
    }
}
