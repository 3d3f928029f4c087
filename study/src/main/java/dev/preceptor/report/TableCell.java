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
public record TableCell(String text, String detail, String mark, double order) {
    /** What stands where there is no number. */
    public static final String NONE = "\u2013";

    /** Words. */
    public static TableCell of(String words) {
        return new TableCell(words, "", "", Double.NaN);
    }

    /** A number; nothing for NaN. */
    public static TableCell of(double number, int decimals) {
        return new TableCell(text(number, decimals), "", "", number);
    }

    /** A count. */
    public static TableCell of(long count) {
        return new TableCell(Long.toString(count), "", "", count);
    }

    /** The same with something below it. */
    public TableCell withDetail(String below) {
        return new TableCell(text, below, mark, order);
    }

    /** The same with a warning. */
    public TableCell withMark(String warning) {
        return new TableCell(text, detail, warning, order);
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
    public static TableCell spread(double mean, double deviation, int decimals) {
        String text = Double.isNaN(deviation)
                ? text(mean, decimals)
                : text(mean, decimals) + " \u00b1 " + text(deviation, decimals);
        return new TableCell(text, "", "", mean);
    }
}
