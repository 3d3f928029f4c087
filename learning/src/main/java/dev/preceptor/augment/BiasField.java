package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Bias field: intensities are multiplied by the exponential of a smooth field, a sum of products of Legendre polynomials of
 * total degree at most 3 over the patch, each axis from -1 to 1 (Van Leemput et al., IEEE TMI 18(10), 1999; MONAI's
 * {@code RandBiasField}).
 *
 * @param coefficients [4][4][4], of the product of degree i along x, j along y and k along z; 0 where i + j + k exceeds 3
 */
record BiasField(double[][][] coefficients) implements IntensityTransform {
    private static final int TERMS = 4;

    /** exp(t) is computed as the series of exp(t / 2^6), squared 6 times. */
    private static final int SQUARINGS = 6;

    static BiasField draw(TransformSettings settings, Size size, RandomSource random) {
        double strength = settings.draw(random);
        double[][][] coefficients = new double[TERMS][TERMS][TERMS];
        for (int i = 0; i < TERMS; i++) {
            for (int j = 0; i + j < TERMS; j++) {
                for (int k = 0; i + j + k < TERMS; k++) {
                    // A constant would change brightness, which is a transform of its own.
                    coefficients[i][j][k] = i + j + k == 0 ? 0 : random.uniform(-strength, strength);
                }
            }
        }
        return new BiasField(coefficients);
    }

    @Override
    public void apply(DeferredChannel channel) {
        channel.then(new Field(coefficients, channel.size()));
    }

    /** Multiplies voxels by the exponential of the field. */
    private static final class Field implements DeferredChannel.Change {
        private final double[][][] coefficients;
        private final Size size;
        private final double[][] alongX;
        private final double[][] alongY;
        private final float[][] alongZ;
        /** The polynomial of one plane along y for each degree along z, [k][j]. */
        private final double[][] plane = new double[TERMS][TERMS];

        private final double[] terms = new double[TERMS];
        private final float[] line;
        private final float[] exponents;
        private int planeOf = -1;

        Field(double[][][] coefficients, Size size) {
            this.coefficients = coefficients;
            this.size = size;
            this.alongX = legendre(size.x());
            this.alongY = legendre(size.y());
            this.alongZ = single(legendre(size.z()));
            this.line = new float[size.z()];
            this.exponents = new float[DeferredChannel.largestBlock(size)];
        }

        @Override
        public void apply(float[] block, int length, int row) {
            for (int i = 0; i < length / size.z(); i++) {
                findTerms((row + i) / size.y(), (row + i) % size.y());
                exponents(terms, alongZ, line);
                System.arraycopy(line, 0, exponents, i * size.z(), line.length);
            }
            multiply(block, exponents, length);
        }

        private void findTerms(int x, int y) {
            if (planeOf != x) {
                for (int k = 0; k < TERMS; k++) {
                    for (int j = 0; j + k < TERMS; j++) {
                        plane[k][j] = 0;
                        for (int i = 0; i + j + k < TERMS; i++) {
                            plane[k][j] += coefficients[i][j][k] * alongX[i][x] / (1 << SQUARINGS);
                        }
                    }
                }
                planeOf = x;
            }
            for (int k = 0; k < TERMS; k++) {
                terms[k] = 0;
                for (int j = 0; j + k < TERMS; j++) {
                    terms[k] += plane[k][j] * alongY[j][y];
                }
            }
        }
    }

    private static void exponents(double[] terms, float[][] polynomials, float[] line) {
        float a = (float) terms[0];
        float b = (float) terms[1];
        float c = (float) terms[2];
        float d = (float) terms[3];
        float[] first = polynomials[1];
        float[] second = polynomials[2];
        float[] third = polynomials[3];
        for (int z = 0; z < line.length; z++) {
            line[z] = a + b * first[z] + c * second[z] + d * third[z];
        }
    }

    /**
     * Multiplies by exp(64 t) for each exponent t, by a Taylor series of exp(t) and repeated squaring; relative error below 1e-5 up
     * to e^2.
     */
    private static void multiply(float[] values, float[] exponents, int length) {
        for (int i = 0; i < length; i++) {
            float t = exponents[i];
            float exp = 1 + t * (1 + t * (0.5f + t * (1f / 6)));
            exp *= exp;
            exp *= exp;
            exp *= exp;
            exp *= exp;
            exp *= exp;
            exp *= exp;
            values[i] *= exp;
        }
    }

    /** The Legendre polynomials of degree 0 to 3 at evenly spaced positions from -1 to 1. */
    private static double[][] legendre(int extent) {
        double[][] values = new double[TERMS][extent];
        for (int i = 0; i < extent; i++) {
            double t = extent == 1 ? 0 : 2.0 * i / (extent - 1) - 1;
            values[0][i] = 1;
            values[1][i] = t;
            values[2][i] = (3 * t * t - 1) / 2;
            values[3][i] = (5 * t * t * t - 3 * t) / 2;
        }
        return values;
    }

    private static float[][] single(double[][] values) {
        float[][] result = new float[values.length][values[0].length];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < result[i].length; j++) {
                result[i][j] = (float) values[i][j];
            }
        }
        return result;
    }
}
