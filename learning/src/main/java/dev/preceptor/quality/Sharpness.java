package dev.preceptor.quality;

import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;

/**
 * How much of the changes of an image from voxel to voxel is detail: for each axis the natural logarithm of the mean absolute second
 * difference divided by the mean absolute first difference, over all runs of three voxels that are not 0. About 0.55 for white noise, near 0
 * for images that were interpolated to twice the resolution, below that for smoother ones; contrast does not matter. Stateless.
 */
final class Sharpness {
    private static final double LEAST = -5;

    private Sharpness() {}

    /** The sharpness of an image along right, anterior and superior, -5 or more; 0 along an axis on which nothing changes. */
    static double[] of(Volume volume, CoarseImage.Frame frame) {
        Size size = volume.size();
        int[] strides = {1, size.x(), size.x() * size.y()};
        int[] extents = {size.x(), size.y(), size.z()};
        double[] sharpness = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            sharpness[frame.orientation().worldAxis(axis)] =
                    along(volume.voxels(), strides[axis], extents[axis], frame);
        }
        return sharpness;
    }

    private static double along(float[] voxels, int stride, int extent, CoarseImage.Frame frame) {
        double first = 0;
        double second = 0;
        for (int i = 0; i + 2 * stride < voxels.length; i++) {
            float here = voxels[i];
            float next = voxels[i + stride];
            float last = voxels[i + 2 * stride];
            if (here != 0 && next != 0 && last != 0 && i / stride % extent < extent - 2) {
                double middle = frame.clipped(next);
                double rise = middle - frame.clipped(here);
                double fall = middle - frame.clipped(last);
                first += (Math.abs(rise) + Math.abs(fall)) / 2;
                second += Math.abs(rise + fall);
            }
        }
        return first == 0 ? 0 : Math.max(LEAST, Math.log(second / first));
    }
}
