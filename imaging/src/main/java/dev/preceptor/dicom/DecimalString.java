package dev.preceptor.dicom;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as decimal strings of at most 16 characters (PS3.5, 6.2, DS). */
final class DecimalString {
    private static final int LONGEST = 16;

    private DecimalString() {}

    /**
     * The nearest text of at most 16 characters.
     *
     * @throws IllegalArgumentException if the number is not finite
     */
    static String of(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("not a finite number: " + value);
        }
        BigDecimal exact = new BigDecimal(Double.toString(value));
        for (int digits = LONGEST; digits > 0; digits--) {
            BigDecimal rounded = exact.round(new MathContext(digits)).stripTrailingZeros();
            String plain = rounded.toPlainString();
            if (plain.length() <= LONGEST) {
                return plain;
            }
            String scientific = rounded.toString();
            if (scientific.length() <= LONGEST) {
                return scientific;
            }
        }
        throw new IllegalArgumentException("no decimal string of 16 characters holds " + value);
    }
}
