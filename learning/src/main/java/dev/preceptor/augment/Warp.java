package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A spatial transform from voxels of a patch to positions in an image: elastic displacement, mirroring, scaling and rotation
 * about the centre of the patch, resampled in one pass from the whole image, so that corners of a rotated patch are not
 * padding.
 *
 * <p>Voxel o of the patch is resampled at {@code centre + M (o - c + d(o))}, where c is the centre of the patch and d the
 * elastic displacement. Images are interpolated linearly, as in nnU-Net, up to four together with the same weights;
 * each voxel gets the label with the largest interpolation weight.
 *
 * @param size of the patch in voxels
 * @param centre position of the centre of the patch, in voxels of the image
 * @param matrix M, from voxels of the patch to voxels of the image
 * @param elastic d, if there is one
 */
record Warp(Size size, double[] centre, double[][] matrix, Optional<Elastic> elastic) {
    /** Largest blocks that are resampled together: their source regions stay in the processor's cache. */
    private static final Size BLOCK = new Size(48, 48, 96);

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
     * @param classes z-fastest, 0 to 127 (127: ignored)
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
        List<FloatBuffer> rotated = images;
        Channel[] targets = to;
        if (beyond == Beyond.ZERO && AxisAlignedWarp.fits(this)) {
            AxisAlignedWarp aligned = new AxisAlignedWarp(this, from);
            for (int c = 0; c < to.length; c++) {
                aligned.resample(images.get(c), to[c]);
            }
            rotated = List.of();
            targets = new Channel[0];
        }
        if (targets.length > 0 || classes.isPresent()) {
            inBlocks(rotated, classes, from, beyond, targets, labels, labelStart, scratch);
        }
    }

    private void inBlocks(
            List<FloatBuffer> images,
            Optional<ByteBuffer> classes,
            Size from,
            Beyond beyond,
            Channel[] to,
            byte[] labels,
            int labelStart,
            Scratch scratch) {
        for (Box block : blocks()) {
            SourceRegion region = new SourceRegion(this, block, from, beyond);
            Optional<byte[]> sourceLabels = classes.flatMap(map -> labelled(region, map, scratch));
            if (classes.isPresent() && sourceLabels.isEmpty()) {
                clear(block, labels, labelStart);
            }
            if (to.length == 0 && sourceLabels.isEmpty()) {
                continue;
            }
            int begin = 0;
            do {
                int end = begin + together(to.length - begin);
                resample(
                        region,
                        block,
                        images.subList(begin, end),
                        Arrays.copyOfRange(to, begin, end),
                        begin == 0 ? sourceLabels : Optional.empty(),
                        labels,
                        labelStart,
                        scratch);
                begin = end;
            } while (begin < to.length);
        }
    }

    /** The labels of a region; empty if all of them are 0. */
    private static Optional<byte[]> labelled(SourceRegion region, ByteBuffer classes, Scratch scratch) {
        byte[] labels = scratch.labels(region.voxels());
        return region.fill(classes, labels) ? Optional.of(labels) : Optional.empty();
    }

    /** How many of some images are interpolated together. */
    private static int together(int images) {
        return images >= 4 ? 4 : Math.min(images, 2);
    }

    private void resample(
            SourceRegion region,
            Box block,
            List<FloatBuffer> images,
            Channel[] to,
            Optional<byte[]> sourceLabels,
            byte[] labels,
            int labelStart,
            Scratch scratch) {
        float[] source = scratch.image(Math.multiplyExact(to.length, region.voxels()));
        region.fill(images, source);
        region.forEachRow((row, x, y) -> {
            int at = (x * size.y() + y) * size.z() + block.z0();
            row.interpolate(source, to, at);
            sourceLabels.ifPresent(map -> row.vote(map, labels, labelStart + at));
        });
    }

    private void clear(Box block, byte[] labels, int labelStart) {
        for (int x = block.x0(); x < block.x1(); x++) {
            for (int y = block.y0(); y < block.y1(); y++) {
                int row = labelStart + (x * size.y() + y) * size.z();
                Arrays.fill(labels, row + block.z0(), row + block.z1(), (byte) 0);
            }
        }
    }

    /** The patch in blocks of about equal size. */
    private List<Box> blocks() {
        List<Box> blocks = new ArrayList<>();
        int[] x = parts(size.x(), BLOCK.x());
        int[] y = parts(size.y(), BLOCK.y());
        int[] z = parts(size.z(), BLOCK.z());
        for (int i = 1; i < x.length; i++) {
            for (int j = 1; j < y.length; j++) {
                for (int k = 1; k < z.length; k++) {
                    blocks.add(new Box(x[i - 1], y[j - 1], z[k - 1], x[i], y[j], z[k]));
                }
            }
        }
        return blocks;
    }

    private static int[] parts(int extent, int largest) {
        int count = (extent + largest - 1) / largest;
        int[] ends = new int[count + 1];
        for (int i = 0; i <= count; i++) {
            ends[i] = (int) ((long) extent * i / count);
        }
        return ends;
    }
}
