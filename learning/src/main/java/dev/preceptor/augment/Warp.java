package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A spatial transform from voxels of a patch to positions in an image: elastic displacement, mirroring, scaling and rotation
 * about the centre of the patch, resampled in one pass from the whole image, so that corners of a rotated patch are not
 * padding.
 *
 * <p>Voxel o of the patch is resampled at {@code centre + M (o - c + d(o))}, where c is the centre of the patch and d the
 * elastic displacement. Images are interpolated linearly, as in nnU-Net; each voxel gets the label with the largest
 * interpolation weight.
 *
 * @param size of the patch in voxels
 * @param centre position of the centre of the patch, in voxels of the image
 * @param matrix M, from voxels of the patch to voxels of the image
 * @param elastic d, if there is one
 */
record Warp(Size size, double[] centre, double[][] matrix, Optional<Elastic> elastic) {
    /**
     * Planes that are resampled together from one image after the other: their source region stays in the cache, and
     * computing the positions again for each image costs less than reading the source from memory.
     */
    private static final int SLAB = 48;

    /** The values outside an image. */
    enum Beyond {
        /** Zeros. */
        ZERO,
        /** The nearest voxel of the border. */
        EDGE
    }

    /**
     * Draws a transform for a patch.
     *
     * @param box of the patch in the image
     * @param mirrored which axes are mirrored
     * @return empty if neither rotation, scaling nor elastic displacement is drawn
     */
    static Optional<Warp> draw(Augmentation settings, Box box, boolean[] mirrored, RandomSource random) {
        boolean rotates = random.chance(settings.rotation().probability());
        boolean scales = random.chance(settings.scaling().probability());
        boolean deforms = random.chance(settings.elastic().probability());
        if (!rotates && !scales && !deforms) {
            return Optional.empty();
        }
        double[] degrees = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            degrees[axis] = rotates ? settings.rotation().draw(random) : 0;
        }
        double scale = scales ? settings.scaling().draw(random) : 1;
        Optional<Elastic> elastic = deforms
                ? Optional.of(Elastic.draw(settings.elastic().draw(random), box.size(), random))
                : Optional.empty();
        double[][] matrix = rotation(degrees);
        for (double[] row : matrix) {
            for (int axis = 0; axis < 3; axis++) {
                row[axis] *= mirrored[axis] ? -scale : scale;
            }
        }
        return Optional.of(new Warp(box.size(), centre(box), matrix, elastic));
    }

    /** A rotation about the centre of a patch and a translation, of the patch itself. */
    static Warp rigid(Size size, double[] degrees, double[] shift) {
        double[] centre = centre(Box.of(size));
        for (int axis = 0; axis < 3; axis++) {
            centre[axis] += shift[axis];
        }
        return new Warp(size, centre, rotation(degrees), Optional.empty());
    }

    private static double[] centre(Box box) {
        return new double[] {
            (box.x0() + box.x1() - 1) / 2.0, (box.y0() + box.y1() - 1) / 2.0, (box.z0() + box.z1() - 1) / 2.0
        };
    }

    /** The rotation matrix about x, then y, then z. */
    static double[][] rotation(double[] degrees) {
        double a = Math.toRadians(degrees[0]);
        double b = Math.toRadians(degrees[1]);
        double c = Math.toRadians(degrees[2]);
        double[][] x = {{1, 0, 0}, {0, Math.cos(a), -Math.sin(a)}, {0, Math.sin(a), Math.cos(a)}};
        double[][] y = {{Math.cos(b), 0, Math.sin(b)}, {0, 1, 0}, {-Math.sin(b), 0, Math.cos(b)}};
        double[][] z = {{Math.cos(c), -Math.sin(c), 0}, {Math.sin(c), Math.cos(c), 0}, {0, 0, 1}};
        return product(z, product(y, x));
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] result = new double[3][3];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 3; k++) {
                    result[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return result;
    }

    /** The inverse by Cramer's rule; the matrices of transforms are far from singular. */
    static double[][] inverse(double[][] m) {
        double[][] result = new double[3][3];
        double determinant = 0;
        for (int i = 0; i < 3; i++) {
            int i1 = (i + 1) % 3;
            int i2 = (i + 2) % 3;
            for (int j = 0; j < 3; j++) {
                int j1 = (j + 1) % 3;
                int j2 = (j + 2) % 3;
                result[j][i] = m[i1][j1] * m[i2][j2] - m[i1][j2] * m[i2][j1];
            }
        }
        for (int i = 0; i < 3; i++) {
            determinant += m[0][i] * result[i][0];
        }
        for (double[] row : result) {
            for (int i = 0; i < 3; i++) {
                row[i] /= determinant;
            }
        }
        return result;
    }

    /** Resamples a patch from images of one size. */
    void resample(List<FloatBuffer> images, Size from, Beyond beyond, Channel... to) {
        resample(images, Optional.empty(), from, beyond, to, new byte[0], 0, new Scratch());
    }

    /**
     * Resamples a patch from images and their label map, if there is one; outside them everything is 0.
     *
     * @param images z-fastest
     * @param classes z-fastest, 0 to 7
     * @param from size of the images and the label map in voxels
     * @param to the target of each image
     * @param labels the target of the classes, from index {@code labelStart} on
     */
    void resample(
            List<FloatBuffer> images,
            Optional<ByteBuffer> classes,
            Size from,
            Channel[] to,
            byte[] labels,
            int labelStart,
            Scratch scratch) {
        resample(images, classes, from, Beyond.ZERO, to, labels, labelStart, scratch);
    }

    private void resample(
            List<FloatBuffer> images,
            Optional<ByteBuffer> classes,
            Size from,
            Beyond beyond,
            Channel[] to,
            byte[] labels,
            int labelStart,
            Scratch scratch) {
        for (int x0 = 0; x0 < size.x(); x0 += SLAB) {
            int x1 = Math.min(x0 + SLAB, size.x());
            SourceRegion region = new SourceRegion(this, x0, x1, from, beyond);
            float[] source = scratch.image(region.voxels());
            for (int c = 0; c < to.length; c++) {
                region.fill(images.get(c), source);
                for (int x = x0; x < x1; x++) {
                    region.plane(x);
                    region.interpolate(source, to[c].values(), to[c].row(x, 0));
                }
            }
            if (classes.isPresent()) {
                int plane = size.y() * size.z();
                byte[] sourceClasses = scratch.labels(region.voxels());
                if (!region.fill(classes.get(), sourceClasses)) {
                    Arrays.fill(labels, labelStart + x0 * plane, labelStart + x1 * plane, (byte) 0);
                    continue;
                }
                for (int x = x0; x < x1; x++) {
                    region.plane(x);
                    region.vote(sourceClasses, labels, labelStart + x * plane);
                }
            }
        }
    }
}
