package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;

/**
 * Maps a point of the patient to the corresponding point of the anatomy: size and proportions of the head, a smooth
 * random warp, and the mass effect of lesions. Displacements are tabulated on a coarse lattice and interpolated
 * linearly.
 */
final class Deformation {
    private static final int STEP = 8;
    private static final int NX = 34;
    private static final int NY = 34;
    private static final int NZ = 24;
    private static final double ORIGIN_X = -252;
    private static final double ORIGIN_Y = -12;
    private static final double ORIGIN_Z = -12;
    private static final double[] PIVOT = {-118.5, 115, 70};

    private final float[] lattice = new float[NX * NY * NZ * 3];
    private final MassEffect massEffect;

    private Deformation(float[] from, MassEffect massEffect) {
        System.arraycopy(from, 0, lattice, 0, lattice.length);
        this.massEffect = massEffect;
    }

    static Deformation of(RandomStreams streams, long subject) {
        RandomSource randomSource = new RandomSource(streams.stream("deformation", subject));
        double whole = randomSource.normal(1, 0.025);
        double[] scale = new double[3];
        SmoothNoise[] noise = new SmoothNoise[3];
        for (int axis = 0; axis < 3; axis++) {
            scale[axis] = whole * randomSource.normal(1, 0.018);
            noise[axis] = new SmoothNoise(streams.stream("deformation/warp", subject, axis));
        }
        double broad = randomSource.uniform(1.2, 2.6);
        double fine = randomSource.uniform(0.5, 1.0);
        float[] lattice = new float[NX * NY * NZ * 3];
        int at = 0;
        for (int k = 0; k < NZ; k++) {
            for (int j = 0; j < NY; j++) {
                for (int i = 0; i < NX; i++) {
                    double[] p = {ORIGIN_X + i * STEP, ORIGIN_Y + j * STEP, ORIGIN_Z + k * STEP};
                    for (int axis = 0; axis < 3; axis++) {
                        double warp = broad * noise[axis].at(p[0] / 62, p[1] / 62, p[2] / 62)
                                + fine * noise[axis].at(p[0] / 27 + 99, p[1] / 27, p[2] / 27);
                        lattice[at++] = (float) ((p[axis] - PIVOT[axis]) * (1 / scale[axis] - 1) + warp);
                    }
                }
            }
        }
        return new Deformation(lattice, MassEffect.NONE);
    }

    /** This deformation combined with the mass effect of lesions. */
    Deformation pushedBy(MassEffect lesions) {
        return new Deformation(lattice, lesions);
    }

    /** Replaces the coordinates of a point of the patient by those of the anatomy. */
    void apply(double[] point) {
        massEffect.undo(point);
        double x = clampToLattice((point[0] - ORIGIN_X) / STEP, NX);
        double y = clampToLattice((point[1] - ORIGIN_Y) / STEP, NY);
        double z = clampToLattice((point[2] - ORIGIN_Z) / STEP, NZ);
        int i = (int) x;
        int j = (int) y;
        int k = (int) z;
        double u = x - i;
        double v = y - j;
        double w = z - k;
        int corner = 3 * (i + NX * (j + NY * k));
        for (int axis = 0; axis < 3; axis++) {
            int c = corner + axis;
            double low = lerp(v, row(c, u), row(c + 3 * NX, u));
            double high = lerp(v, row(c + 3 * NX * NY, u), row(c + 3 * NX * NY + 3 * NX, u));
            point[axis] += lerp(w, low, high);
        }
    }

    private double row(int at, double u) {
        return lerp(u, lattice[at], lattice[at + 3]);
    }

    private static double lerp(double t, double a, double b) {
        return a + t * (b - a);
    }

    private static double clampToLattice(double place, int count) {
        return Math.max(0, Math.min(count - 1.001, place));
    }
}
