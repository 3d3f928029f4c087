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
    public void apply(Channel channel) {
        Size size = channel.size();
        double[][] alongX = legendre(size.x());
        double[][] alongY = legendre(size.y());
        float[][] alongZ = single(legendre(size.z()));
        float[] field = new float[size.y() * size.z()];
        double[] terms = new double[TERMS];
        for (int x = 0; x < size.x(); x++) {
            for (int y = 0; y < size.y(); y++) {
                for (int k = 0; k < TERMS; k++) {
                    terms[k] = 0;
                    for (int i = 0; i + k < TERMS; i++) {
                        for (int j = 0; i + j + k < TERMS; j++) {
                            terms[k] += coefficients[i][j][k] * alongX[i][x] * alongY[j][y];
                        }
                    }
                    terms[k] /= 1 << SQUARINGS;
                }
                exponents(terms, alongZ, field, y * size.z());
            }
            exponentiate(field);
            multiply(channel.values(), channel.row(x, 0), field);
        }
    }

    private static void exponents(double[] terms, float[][] polynomials, float[] field, int row) {
        float a = (float) terms[0];
        float b = (float) terms[1];
        float c = (float) terms[2];
        float d = (float) terms[3];
        float[] first = polynomials[1];
        float[] second = polynomials[2];
        float[] third = polynomials[3];
        for (int z = 0; z < first.length; z++) {
            field[row + z] = a + b * first[z] + c * second[z] + d * third[z];
        }
    }

    /** exp(64 t) of each value t, by a Taylor series of exp(t) and repeated squaring; relative error below 1e-5 up to e^2. */
    private static void exponentiate(float[] field) {
        for (int i = 0; i < field.length; i++) {
            float t = field[i];
            field[i] = 1 + t * (1 + t * (0.5f + t * (1f / 6)));
        }
        for (int squaring = 0; squaring < SQUARINGS; squaring++) {
            for (int i = 0; i < field.length; i++) {
                field[i] *= field[i];
            }
        }
    }

    private static void multiply(float[] values, int start, float[] factors) {
        for (int i = 0; i < factors.length; i++) {
            values[start + i] *= factors[i];
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
