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
 * Which place of an image each voxel of a patch is taken from: displaced, mirrored, scaled and rotated about the middle of the
 * patch, in one pass, so that what a rotation turns in comes from the image and not from padding.
 *
 * <p>The voxel at o is taken from {@code middle + M (o - c + d(o))}, with c the middle of a patch of {@code size} and d the
 * elastic displacement. Images are interpolated linearly, as nnU-Net's transforms are since they run on PyTorch; a label is the
 * one with the largest share of that interpolation.
 *
 * @param size of the patch
 * @param middle the place of the middle of the patch, in voxels of the image
 * @param matrix M, from voxels of the patch to voxels of the image
 * @param elastic d, if there is one
 */
record Warp(Size size, double[] middle, double[][] matrix, Optional<Elastic> elastic) {
    /**
     * Planes that are taken from one image after the other: what they need of it stays in the cache, and to find their places
     * again for each image costs less than to wait for memory.
     */
    private static final int SLAB = 48;

    /** What lies beyond the border of an image. */
    enum Beyond {
        /** Zeros. */
        ZERO,
        /** The nearest voxel of the border, again and again. */
        EDGE
    }

    /**
     * Draws one for a patch.
     *
     * @param box where the patch lies
     * @param mirrored which axes are mirrored
     * @return nothing if the patch stays as it is, mirroring apart
     */
    static Optional<Warp> draw(Augmentation settings, Box box, boolean[] mirrored, RandomSource randomSource) {
        boolean rotates = randomSource.chance(settings.rotation().probability());
        boolean scales = randomSource.chance(settings.scaling().probability());
        boolean bends = randomSource.chance(settings.elastic().probability());
        if (!rotates && !scales && !bends) {
            return Optional.empty();
        }
        double[] degrees = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            degrees[axis] = rotates ? settings.rotation().draw(randomSource) : 0;
        }
        double scale = scales ? settings.scaling().draw(randomSource) : 1;
        Optional<Elastic> elastic = bends
                ? Optional.of(Elastic.draw(settings.elastic().draw(randomSource), box.size(), randomSource))
                : Optional.empty();
        double[][] matrix = rotation(degrees);
        for (double[] row : matrix) {
            for (int axis = 0; axis < 3; axis++) {
                row[axis] *= mirrored[axis] ? -scale : scale;
            }
        }
        return Optional.of(new Warp(box.size(), middle(box), matrix, elastic));
    }

    /** A rotation about the middle of a patch and a translation, from the patch to itself. */
    static Warp rigid(Size size, double[] degrees, double[] shift) {
        double[] middle = middle(Box.of(size));
        for (int axis = 0; axis < 3; axis++) {
            middle[axis] += shift[axis];
        }
        return new Warp(size, middle, rotation(degrees), Optional.empty());
    }

    private static double[] middle(Box box) {
        return new double[] {
            (box.x0() + box.x1() - 1) / 2.0, (box.y0() + box.y1() - 1) / 2.0, (box.z0() + box.z1() - 1) / 2.0
        };
    }

    /** About x, then y, then z. */
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

    /** By Cramer's rule; the matrices of warps are far from singular. */
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

    /** Takes a patch from images of one size. */
    void resample(List<FloatBuffer> images, Size from, Beyond beyond, Channel... to) {
        resample(images, Optional.empty(), from, beyond, to, new byte[0], 0, new Scratch());
    }

    /**
     * Takes a patch from images and their labels.
     *
     * @param images z-fastest
     * @param classes z-fastest, small numbers from 0
     * @param from the size of all of them; beyond it everything is 0
     * @param to one for each image
     * @param labels where the classes go, from {@code labelStart} on
     */
    void resample(
            List<FloatBuffer> images,
            ByteBuffer classes,
            Size from,
            Channel[] to,
            byte[] labels,
            int labelStart,
            Scratch scratch) {
        resample(images, Optional.of(classes), from, Beyond.ZERO, to, labels, labelStart, scratch);
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
            SourceRegion places = new SourceRegion(this, x0, x1, from, beyond);
            float[] region = scratch.image(places.voxels());
            for (int c = 0; c < to.length; c++) {
                places.fill(images.get(c), region);
                for (int x = x0; x < x1; x++) {
                    places.plane(x);
                    places.interpolate(region, to[c].values(), to[c].row(x, 0));
                }
            }
            if (classes.isPresent()) {
                int plane = size.y() * size.z();
                byte[] classRegion = scratch.labels(places.voxels());
                if (!places.fill(classes.get(), classRegion)) {
                    Arrays.fill(labels, labelStart + x0 * plane, labelStart + x1 * plane, (byte) 0);
                    continue;
                }
                for (int x = x0; x < x1; x++) {
                    places.plane(x);
                    places.vote(classRegion, labels, labelStart + x * plane);
                }
            }
        }
    }
}
