package dev.preceptor.report;

import java.util.Locale;

/**
 * What stands in a cell of a table.
 *
 * @param text the value
 * @param detail said below it in small letters; empty for nothing
 * @param mark a warning that stays with the value; empty for none
 * @param order by which a column of numbers is sorted; NaN comes last
 */
public record Value(String text, String detail, String mark, double order) {
    /** What stands where there is no number. */
    public static final String NONE = "\u2013";

    /** Words. */
    public static Value of(String words) {
        return new Value(words, "", "", Double.NaN);
    }

    /** A number; nothing for NaN. */
    public static Value of(double number, int decimals) {
        return new Value(text(number, decimals), "", "", number);
    }

    /** A count. */
    public static Value of(long count) {
        return new Value(Long.toString(count), "", "", count);
    }

    /** The same with something below it. */
    public Value withDetail(String below) {
        return new Value(text, below, mark, order);
    }

    /** The same with a warning. */
    public Value withMark(String warning) {
        return new Value(text, detail, warning, order);
    }

    /** A number as tables print it, with a true minus sign. */
    public static String text(double number, int decimals) {
        if (!Double.isFinite(number)) {
            return NONE;
        }
        String plain = String.format(Locale.ROOT, "%." + decimals + "f", number);
        return plain.startsWith("-") ? "\u2212" + plain.substring(1) : plain;
    }

    /** A mean and its standard deviation. */
    public static Value spread(double mean, double deviation, int decimals) {
        String text = Double.isNaN(deviation)
                ? text(mean, decimals)
                : text(mean, decimals) + " \u00b1 " + text(deviation, decimals);
        return new Value(text, "", "", mean);
    }
}
