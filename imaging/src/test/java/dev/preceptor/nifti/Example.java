package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.SplittableRandom;

/** Small random images on random unsheared grids. */
final class Example {
    private Example() {}

    static Volume volume(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Size size = new Size(random.nextInt(1, 40), random.nextInt(1, 40), random.nextInt(1, 40));
        float[] voxels = new float[size.voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = random.nextInt(4) == 0 ? (float) random.nextDouble(-1000, 1000) : 0;
        }
        return new Volume(new Grid(size, affine(random)), voxels);
    }

    /** A random rotation, possibly mirrored, possibly a half turn about an axis, with random spacing and origin. */
    static Affine affine(SplittableRandom random) {
        double[] spacing = {random.nextDouble(0.3, 5), random.nextDouble(0.3, 5), random.nextDouble(0.3, 5)};
        double[] origin = {random.nextDouble(-99, 99), random.nextDouble(-99, 99), random.nextDouble(-99, 99)};
        double[] q = new double[4];
        if (random.nextInt(3) == 0) {
            q[random.nextInt(4)] = 1;
        } else {
            double length = 0;
            for (int i = 0; i < 4; i++) {
                q[i] = random.nextDouble(-1, 1);
                length += q[i] * q[i];
            }
            for (int i = 0; i < 4; i++) {
                q[i] /= Math.sqrt(length);
            }
        }
        double sign = q[0] < 0 ? -1 : 1;
        QForm qform = new QForm(sign * q[1], sign * q[2], sign * q[3], random.nextBoolean() ? 1 : -1, spacing, origin);
        return qform.affine().orElseThrow();
    }
}
