package dev.preceptor.augment;

/**
 * The map {@code v -> origin + range x^p} with {@code x = (v - origin) / range} from 0 to 1, without a call of {@code pow} and in
 * loops that vectorise: x^p is a polynomial in a root of x. Near 0, x^p has no Taylor series; with {@code t = x^(1 / 2^r)} it is
 * {@code t^q}, {@code q = 2^r p}, and for q of 2.5 and more the Chebyshev series of t^q converges as n^-6 (Trefethen, Approximation
 * Theory and Approximation Practice, theorem 7.2), so that a degree below 20 suffices.
 *
 * @param origin the value whose image is itself
 * @param scale 1 / range; negative if the origin is the maximum
 * @param roots r
 * @param coefficients of the powers of {@code 2 t - 1}, of descending degree; origin and range are part of them. One and a
 *     multiple of four
 */
record PowerPolynomial(float origin, float scale, int roots, float[] coefficients) {
    private static final double SMOOTH = 2.5;
    private static final int NODES = 64;

    /** Sum of the Chebyshev coefficients that are left out, at most. */
    private static final double ERROR = 5e-7;

    /**
     * @param power p, above 0
     * @param range signed distance from the origin to the other value that is its own image, not 0
     */
    static PowerPolynomial of(double power, float origin, float range) {
        int roots = 0;
        while (power * (1 << roots) < SMOOTH) {
            roots++;
        }
        double[] powers = powers(chebyshev(power * (1 << roots)));
        float[] coefficients = new float[powers.length];
        for (int i = 0; i < powers.length; i++) {
            coefficients[powers.length - 1 - i] = (float) (powers[i] * range + (i == 0 ? origin : 0));
        }
        return new PowerPolynomial(origin, 1 / range, roots, coefficients);
    }

    /** The Chebyshev coefficients of ((1 + u) / 2)^q, as few as the error permits. */
    private static double[] chebyshev(double q) {
        double[] series = new double[NODES / 2 + 1];
        for (int i = 0; i < NODES; i++) {
            double angle = Math.PI * (i + 0.5) / NODES;
            double value = Math.pow((1 + Math.cos(angle)) / 2, q);
            for (int n = 0; n < series.length; n++) {
                series[n] += (n == 0 ? 1.0 : 2.0) / NODES * value * Math.cos(n * angle);
            }
        }
        int degree = series.length - 1;
        double left = 0;
        while (degree >= 8) {
            for (int n = degree; n > degree - 4; n--) {
                left += Math.abs(series[n]);
            }
            if (left > ERROR) {
                break;
            }
            degree -= 4;
        }
        double[] kept = new double[degree + 1];
        System.arraycopy(series, 0, kept, 0, kept.length);
        return kept;
    }

    /** Coefficients of the powers of u, of ascending degree, from those of the Chebyshev polynomials. */
    private static double[] powers(double[] series) {
        double[] powers = new double[series.length];
        double[] last = new double[series.length];
        double[] polynomial = new double[series.length];
        polynomial[0] = 1;
        for (int n = 0; n < series.length; n++) {
            for (int i = 0; i < powers.length; i++) {
                powers[i] += series[n] * polynomial[i];
            }
            double[] next = new double[series.length];
            for (int i = 0; i < next.length; i++) {
                double shifted = i == 0 ? 0 : polynomial[i - 1];
                next[i] = n == 0 ? shifted : 2 * shifted - last[i];
            }
            last = polynomial;
            polynomial = next;
        }
        return powers;
    }

    /**
     * Maps the first values of an array in place.
     *
     * @param length number of values; short enough for the processor's first cache
     * @param u an array of the same length, which is overwritten
     */
    void apply(float[] values, int length, float[] u) {
        scale(values, length, origin, scale, u);
        for (int i = 0; i < roots; i++) {
            root(u, length);
        }
        centre(u, length);
        float[] c = coefficients;
        start(u, length, c[0], c[1], c[2], c[3], c[4], values);
        for (int next = 5; next < c.length; next += 4) {
            multiply(u, length, c[next], c[next + 1], c[next + 2], c[next + 3], values);
        }
    }

    private static void scale(float[] values, int length, float origin, float factor, float[] x) {
        for (int i = 0; i < length; i++) {
            x[i] = Math.max((values[i] - origin) * factor, 0f);
        }
    }

    private static void root(float[] x, int length) {
        for (int i = 0; i < length; i++) {
            x[i] = (float) Math.sqrt(x[i]);
        }
    }

    private static void centre(float[] t, int length) {
        for (int i = 0; i < length; i++) {
            t[i] = 2 * t[i] - 1;
        }
    }

    /** Horner's scheme with the first five coefficients. */
    private static void start(float[] u, int length, float a, float b, float c, float d, float e, float[] out) {
        for (int i = 0; i < length; i++) {
            out[i] = (((a * u[i] + b) * u[i] + c) * u[i] + d) * u[i] + e;
        }
    }

    /** Continues Horner's scheme with four coefficients. */
    private static void multiply(float[] u, int length, float b, float c, float d, float e, float[] out) {
        for (int i = 0; i < length; i++) {
            out[i] = (((out[i] * u[i] + b) * u[i] + c) * u[i] + d) * u[i] + e;
        }
    }
}
