package dev.preceptor.cohort;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Numbers in messages. */
final class Decimals {
    private Decimals() {}

    /** A number with at most four decimals, without trailing zeros, in any locale. */
    static String upToFour(double value) {
        return new DecimalFormat("0.####", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
    }
}
