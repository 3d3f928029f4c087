package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Small random images on random grids without shear. */
final class NiftiFixture {
    private NiftiFixture() {}

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

    /** The header of the same image in version 2, placed by its qform alone, in millimetres and seconds. */
    static NiftiHeader inVersion2(NiftiHeader header) {
        QForm q = QForm.of(header.affine()).orElseThrow();
        double[] s = q.spacing();
        Placement placement = new Placement(
                2,
                1,
                0,
                10,
                bits(q.handedness(), s[0], s[1], s[2], 1, 1, 1, 1),
                bits(q.b(), q.c(), q.d(), q.origin()[0], q.origin()[1], q.origin()[2]),
                bits(new double[12]));
        return new NiftiHeader(
                2,
                false,
                header.order(),
                header.datatype(),
                header.shape(),
                header.affine(),
                1,
                0,
                1,
                0,
                544,
                "",
                10,
                placement,
                List.of());
    }

    private static List<Long> bits(double... values) {
        return Arrays.stream(values).mapToObj(Double::doubleToRawLongBits).toList();
    }
}
