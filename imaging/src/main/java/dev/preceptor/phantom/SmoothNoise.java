package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import java.util.SplittableRandom;

/**
 * Gradient noise on the unit lattice (Perlin, "Improving noise", SIGGRAPH 2002): smooth, with zero mean, a standard
 * deviation of about one and a correlation length of about one. Immutable; the same random stream gives the same noise
 * on every machine.
 */
final class SmoothNoise {
    /**
     * The factor that scales the standard deviation of improved Perlin noise, measured over a million points, to one.
     */
    private static final double UNIT_DEVIATION = 3.7;

    private final byte[] permutation = new byte[512];

    SmoothNoise(SplittableRandom random) {
        RandomSource randomSource = new RandomSource(random);
        byte[] shuffled = new byte[256];
        for (int i = 0; i < 256; i++) {
            shuffled[i] = (byte) i;
        }
        for (int i = 255; i > 0; i--) {
            int j = randomSource.below(i + 1);
            byte swap = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = swap;
        }
        for (int i = 0; i < 512; i++) {
            permutation[i] = shuffled[i & 255];
        }
    }

    /** The noise at a point, in units of the correlation length. */
    double at(double x, double y, double z) {
        double fx = Math.floor(x);
        double fy = Math.floor(y);
        double fz = Math.floor(z);
        int xi = (int) fx & 255;
        int yi = (int) fy & 255;
        int zi = (int) fz & 255;
        double dx = x - fx;
        double dy = y - fy;
        double dz = z - fz;
        double u = fade(dx);
        double v = fade(dy);
        double w = fade(dz);
        int a = hash(xi) + yi;
        int b = hash(xi + 1) + yi;
        int aa = hash(a & 255) + zi;
        int ab = hash((a + 1) & 255) + zi;
        int ba = hash(b & 255) + zi;
        int bb = hash((b + 1) & 255) + zi;
        double low = lerp(
                v,
                lerp(u, slope(hash(aa), dx, dy, dz), slope(hash(ba), dx - 1, dy, dz)),
                lerp(u, slope(hash(ab), dx, dy - 1, dz), slope(hash(bb), dx - 1, dy - 1, dz)));
        double high = lerp(
                v,
                lerp(u, slope(hash(aa + 1), dx, dy, dz - 1), slope(hash(ba + 1), dx - 1, dy, dz - 1)),
                lerp(u, slope(hash(ab + 1), dx, dy - 1, dz - 1), slope(hash(bb + 1), dx - 1, dy - 1, dz - 1)));
        return UNIT_DEVIATION * lerp(w, low, high);
    }

    /**
     * The sum of {@code count} octaves of decreasing amplitude, each with half the correlation length of the previous
     * one; standard deviation about one.
     */
    double octaves(double x, double y, double z, int count) {
        double sum = 0;
        double power = 0;
        double amplitude = 1;
        double frequency = 1;
        for (int i = 0; i < count; i++) {
            sum += amplitude * at(x * frequency + 17.3 * i, y * frequency - 9.1 * i, z * frequency + 5.7 * i);
            power += amplitude * amplitude;
            amplitude *= 0.55;
            frequency *= 2;
        }
        return sum / Math.sqrt(power);
    }

    private int hash(int i) {
        return permutation[i] & 255;
    }

    private static double fade(double t) {
        return t * t * t * (t * (t * 6 - 15) + 10);
    }

    private static double lerp(double t, double a, double b) {
        return a + t * (b - a);
    }

    private static double slope(int hash, double x, double y, double z) {
        int h = hash & 15;
        double u = h < 8 ? x : y;
        double v = h < 4 ? y : (h == 12 || h == 14 ? x : z);
        return ((h & 1) == 0 ? u : -u) + ((h & 2) == 0 ? v : -v);
    }
}
