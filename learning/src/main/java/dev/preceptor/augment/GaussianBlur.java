package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Gaussian blur, separable, truncated at four standard deviations, with the border reflected (scipy's {@code gaussian_filter}
 * with its defaults).
 *
 * @param sigmas standard deviation along each axis, in voxels
 */
record GaussianBlur(double... sigmas) implements IntensityTransform {
    private static final double TRUNCATE = 4;

    /** Voxels of a line that are finished before the next. */
    private static final int PART = 1024;

    static GaussianBlur draw(TransformSettings settings, Size size, RandomSource random) {
        return new GaussianBlur(settings.draw(random), settings.draw(random), settings.draw(random));
    }

    @Override
    public void apply(DeferredChannel deferred) {
        Channel channel = deferred.materialise();
        Size size = channel.size();
        float[] alongX = kernel(sigmas[0]);
        int radius = alongX.length - 1;
        int plane = size.y() * size.z();
        // The planes around the one that is written, smooth along y and z: each voxel is read and written once.
        float[][] planes = new float[Math.min(2 * radius + 1, size.x())][plane];
        float[] smooth = new float[plane];
        PlaneBlur blur = new PlaneBlur(kernel(sigmas[1]), kernel(sigmas[2]), size);
        for (int x = 0; x < size.x() + radius; x++) {
            if (x < size.x()) {
                blur.apply(channel.values(), channel.row(x, 0), planes[x % planes.length]);
            }
            int ready = x - radius;
            if (ready >= 0) {
                Lines.set(planes[ready % planes.length], alongX[0], smooth, plane);
                for (int r = 1; r <= radius; r++) {
                    float[] before = planes[mirrored(ready - r, size.x()) % planes.length];
                    float[] after = planes[mirrored(ready + r, size.x()) % planes.length];
                    addBoth(before, after, alongX[r], smooth, plane);
                }
                System.arraycopy(smooth, 0, channel.values(), channel.row(ready, 0), plane);
            }
        }
    }

    /** The weights of the kernel from its centre to one end. */
    private static float[] kernel(double sigma) {
        int radius = (int) (TRUNCATE * sigma + 0.5);
        double[] weights = new double[radius + 1];
        double sum = 0;
        for (int r = 0; r <= radius; r++) {
            weights[r] = r == 0 ? 1 : Math.exp(-0.5 * r * r / (sigma * sigma));
            sum += r == 0 ? 1 : 2 * weights[r];
        }
        float[] kernel = new float[radius + 1];
        for (int r = 0; r <= radius; r++) {
            kernel[r] = (float) (weights[r] / sum);
        }
        return kernel;
    }

    /** Blurs planes along y and z: a plane with a margin is one line in memory, on which a step along y is a row. */
    private static final class PlaneBlur {
        private final float[] alongY;
        private final float[] alongZ;
        private final Size size;
        private final int marginY;
        private final int marginZ;
        private final int row;
        private final float[] plane;
        private final float[] smooth;

        PlaneBlur(float[] alongY, float[] alongZ, Size size) {
            this.alongY = alongY;
            this.alongZ = alongZ;
            this.size = size;
            this.marginY = alongY.length - 1;
            this.marginZ = alongZ.length - 1;
            this.row = size.z() + 2 * marginZ;
            this.plane = new float[row * (size.y() + 2 * marginY)];
            this.smooth = new float[plane.length];
        }

        void apply(float[] values, int start, float[] out) {
            for (int y = 0; y < size.y() + 2 * marginY; y++) {
                int from = start + mirrored(y - marginY, size.y()) * size.z();
                System.arraycopy(values, from, plane, y * row + marginZ, size.z());
                for (int z = 0; z < marginZ; z++) {
                    plane[y * row + z] = values[from + mirrored(z - marginZ, size.z())];
                    plane[y * row + marginZ + size.z() + z] = values[from + mirrored(size.z() + z, size.z())];
                }
            }
            line(alongZ, 1, plane, smooth, marginZ, plane.length - marginZ);
            line(alongY, row, smooth, plane, marginY * row, plane.length - marginY * row);
            for (int y = 0; y < size.y(); y++) {
                System.arraycopy(plane, (y + marginY) * row + marginZ, out, y * size.z(), size.z());
            }
        }
    }

    /** Blurs along a line on which neighbours lie {@code step} apart, part by part in the processor's first cache. */
    private static void line(float[] kernel, int step, float[] in, float[] out, int begin, int end) {
        float[] before = new float[PART];
        float[] after = new float[PART];
        float[] sum = new float[PART];
        for (int from = begin; from < end; from += PART) {
            int length = Math.min(PART, end - from);
            System.arraycopy(in, from, before, 0, length);
            Lines.set(before, kernel[0], sum, length);
            for (int r = 1; r < kernel.length; r++) {
                // Shifted copies, so that the loop uses the same index in all arrays.
                System.arraycopy(in, from - r * step, before, 0, length);
                System.arraycopy(in, from + r * step, after, 0, length);
                addBoth(before, after, kernel[r], sum, length);
            }
            System.arraycopy(sum, 0, out, from, length);
        }
    }

    private static void addBoth(float[] before, float[] after, float share, float[] out, int length) {
        for (int k = 0; k < length; k++) {
            out[k] += share * (before[k] + after[k]);
        }
    }

    private static int mirrored(int i, int count) {
        if (i >= 0 && i < count) {
            return i;
        }
        int within = Math.floorMod(i, 2 * count);
        return within < count ? within : 2 * count - 1 - within;
    }
}
