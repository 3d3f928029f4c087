package dev.preceptor.dicom;

/** Colours as DICOM recommends them for display (0062,000D): CIELab with white point D50, each component in 16 bits (PS3.3 C.10.7.1.1). */
final class CieLab {
    /** Linear sRGB to XYZ, adapted to D50 (Bradford), and that white point: ICC.1:2010, as in sRGB profiles. */
    private static final double[][] TO_XYZ = {
        {0.4360747, 0.3850649, 0.1430804}, {0.2225045, 0.7168786, 0.0606169}, {0.0139322, 0.0971045, 0.7141733}
    };

    private static final double[] WHITE = {0.9642, 1, 0.8249};

    private CieLab() {}

    /**
     * Converts a colour of a screen.
     *
     * @param rgb sRGB with 8 bits each, red highest
     * @return L* from 0..100, a* and b* from -128..127, each mapped to 0..65535
     */
    static int[] of(int rgb) {
        double[] linear = {linear(rgb >> 16 & 0xff), linear(rgb >> 8 & 0xff), linear(rgb & 0xff)};
        double[] f = new double[3];
        for (int i = 0; i < 3; i++) {
            double xyz = TO_XYZ[i][0] * linear[0] + TO_XYZ[i][1] * linear[1] + TO_XYZ[i][2] * linear[2];
            f[i] = cube(xyz / WHITE[i]);
        }
        return new int[] {
            scaled(116 * f[1] - 16, 0, 100),
            scaled(500 * (f[0] - f[1]), -128, 127),
            scaled(200 * (f[1] - f[2]), -128, 127)
        };
    }

    private static double linear(int value) {
        double share = value / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    }

    private static double cube(double ratio) {
        return ratio > 216.0 / 24389 ? Math.cbrt(ratio) : (24389.0 / 27 * ratio + 16) / 116;
    }

    private static int scaled(double value, double from, double to) {
        return (int) Math.round(Math.max(0, Math.min(1, (value - from) / (to - from))) * 65535);
    }
}
