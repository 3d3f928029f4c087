package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import java.util.SplittableRandom;

/**
 * The core of one lesion: a rotated ellipsoid with an irregular surface. Immutable.
 *
 * @param centre the centre in world millimetres
 * @param volume the volume of the core (NCR and ET) in cubic millimetres
 * @param radius the radius in millimetres of a ball of that volume
 * @param push the largest displacement of surrounding tissue by the mass effect, in millimetres
 * @param frame maps offsets from the centre to offsets along the axes of the ellipsoid, divided by their relative
 *     lengths
 * @param surface the noise that makes the surface irregular
 * @param roughness the standard deviation of that irregularity, in radii
 */
record Lesion(
        double[] centre,
        double volume,
        double radius,
        double push,
        double[][] frame,
        SmoothNoise surface,
        double roughness) {

    /**
     * A lesion of random shape.
     *
     * @param mostPush the largest displacement that may be drawn, in radii; below 1.3, so that tissue does not fold
     */
    static Lesion of(double[] centre, double volume, double mostPush, SplittableRandom random) {
        RandomSource randomSource = new RandomSource(random);
        double radius = StrictMath.cbrt(volume * 0.75 / StrictMath.PI);
        double[] stretch = {1, randomSource.uniform(0.72, 1), randomSource.uniform(0.6, 0.95)};
        double mean = StrictMath.cbrt(stretch[0] * stretch[1] * stretch[2]);
        double[][] frame = rotation(randomSource);
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                frame[row][column] *= mean / stretch[row];
            }
        }
        double push = radius * randomSource.uniform(0, mostPush);
        double roughness = randomSource.uniform(0.1, 0.22);
        return new Lesion(centre, volume, radius, push, frame, new SmoothNoise(random), roughness);
    }

    /** The distance of a point from the centre in radii, including the irregularity: about 1 on the border. */
    double distance(double x, double y, double z) {
        double dx = x - centre[0];
        double dy = y - centre[1];
        double dz = z - centre[2];
        double a = frame[0][0] * dx + frame[0][1] * dy + frame[0][2] * dz;
        double b = frame[1][0] * dx + frame[1][1] * dy + frame[1][2] * dz;
        double c = frame[2][0] * dx + frame[2][1] * dy + frame[2][2] * dz;
        double ball = Math.sqrt(a * a + b * b + c * c) / radius;
        double scale = 1 / Math.max(radius, 6);
        return ball + roughness * surface.octaves(x * scale, y * scale, z * scale, 3);
    }

    /**
     * Moves a point of displaced tissue back to its position before the mass effect.
     *
     * @param freedom how freely tissue moves at the point, from 0 to 1
     */
    void undoMassEffect(double[] point, double freedom) {
        double dx = point[0] - centre[0];
        double dy = point[1] - centre[1];
        double dz = point[2] - centre[2];
        double r = Math.sqrt(dx * dx + dy * dy + dz * dz);
        if (r < 1e-9 || r > 6 * radius) {
            return;
        }
        double moved = r < radius ? push * r / radius : push * StrictMath.exp(-(r - radius) / (1.3 * radius));
        point[0] -= freedom * moved * dx / r;
        point[1] -= freedom * moved * dy / r;
        point[2] -= freedom * moved * dz / r;
    }

    /** A uniformly distributed rotation, from a quaternion of normal components. */
    private static double[][] rotation(RandomSource randomSource) {
        double w = randomSource.normal();
        double x = randomSource.normal();
        double y = randomSource.normal();
        double z = randomSource.normal();
        double s = 2 / (w * w + x * x + y * y + z * z);
        return new double[][] {
            {1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w)},
            {s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w)},
            {s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y)}
        };
    }
}
