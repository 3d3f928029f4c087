package dev.preceptor.table;

import java.util.Locale;

/**
 * How numbers are written.
 *
 * @param minus the sign of negative numbers
 * @param missing what stands for NaN
 * @param infinity what stands for infinity
 * @param leastProbability a smaller p value is written as an inequality; 0 for never
 */
public record NumberStyle(String minus, String missing, String infinity, double leastProbability) {
    /** For plain text and Markdown: ASCII signs, {@code none} for NaN. */
    public static final NumberStyle PLAIN = new NumberStyle("-", "none", "Infinity", 0);

    /** For text that programs read as well: as {@link #PLAIN}, but {@code NaN} for NaN. */
    public static final NumberStyle BARE = new NumberStyle("-", "NaN", "Infinity", 0);

    /** For pages and papers: a true minus sign, a dash for NaN, {@code < 0.0001} for smaller p values. */
    public static final NumberStyle TYPESET = new NumberStyle("\u2212", "\u2013", "\u221e", 0.0001);

    /** A number with a fixed count of decimals. */
    public String number(double value, int decimals) {
        if (Double.isNaN(value)) {
            return missing;
        }
        String size = Double.isInfinite(value)
                ? infinity
                : String.format(Locale.ROOT, "%." + decimals + "f", value).replaceFirst("^-", "");
        return isNegative(value) ? minus + size : size;
    }

    /** A share as a whole percentage; 1 is {@code 100 %}. */
    public String percent(double share) {
        return Double.isNaN(share) ? missing : number(100 * share, 0) + " %";
    }

    /** A p value with four decimals. */
    public String probability(double p) {
        return p < leastProbability ? "< " + number(leastProbability, 4) : number(p, 4);
    }

    /** As Java prints it, which keeps the sign of a negative zero. */
    private static boolean isNegative(double value) {
        return Double.doubleToRawLongBits(value) < 0;
    }
}
