package dev.preceptor.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The resampling of a patch against the formula of {@link Warp}, voxel by voxel in double precision. */
class WarpReferenceTest {
    private static final Size FROM = new Size(40, 44, 52);
    private static final SpatialTransformSettings ROTATION = new SpatialTransformSettings(1, -30, 30);
    private static final SpatialTransformSettings SCALING = new SpatialTransformSettings(1, 0.7, 1.4);
    private static final SpatialTransformSettings NO_ELASTIC = new SpatialTransformSettings(0, 0, 0);
    private static final SpatialTransformSettings ELASTIC = new SpatialTransformSettings(1, 0, 0.4);

    private static RandomSource draws(long seed) {
        return new RandomSource(new SplittableRandom(seed));
    }

    private static float[] image(long seed) {
        RandomSource random = draws(seed);
        float[] image = new float[FROM.voxels()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) random.uniform(-3, 3);
        }
        return image;
    }

    private static Warp warp(SpatialTransformSettings elastic, Size patch, long seed) {
        return warp(ROTATION, elastic, patch, seed);
    }

    private static Warp warp(
            SpatialTransformSettings rotation, SpatialTransformSettings elastic, Size patch, long seed) {
        TransformSettings off = new TransformSettings(0, 1, 1, 1);
        Augmentation settings = new Augmentation(
                rotation,
                SCALING,
                elastic,
                new TransformSettings(0, 1, 5, 1),
                new TransformSettings(0, 0, 0, 1),
                new TransformSettings(0, 0, 0, 1),
                new TransformSettings(0, 0, 0, 1),
                new TransformSettings(0, 0, 0, 1),
                off,
                off,
                off,
                off,
                off,
                off,
                0);
        RandomSource random = draws(seed);
        Box box = Box.at(random.below(30) - 15, random.below(30) - 15, random.below(30) - 15, patch);
        boolean[] mirrored = {random.chance(0.5), random.chance(0.5), random.chance(0.5)};
        return Warp.draw(settings, box, mirrored, random).orElseThrow();
    }

    /** The position of each voxel of the row at (x, y), [z][axis]. */
    private static double[][] positions(Warp warp, int x, int y) {
        Size size = warp.size();
        float[][] moved = new float[3][size.z()];
        warp.elastic().ifPresent(elastic -> elastic.plane(x).row(y, 0, moved));
        double[][] positions = new double[size.z()][3];
        for (int z = 0; z < size.z(); z++) {
            double[] offset = {
                x - (size.x() - 1) / 2.0 + moved[0][z],
                y - (size.y() - 1) / 2.0 + moved[1][z],
                z - (size.z() - 1) / 2.0 + moved[2][z]
            };
            for (int axis = 0; axis < 3; axis++) {
                positions[z][axis] = warp.centre()[axis];
                for (int other = 0; other < 3; other++) {
                    positions[z][axis] += warp.matrix()[axis][other] * offset[other];
                }
            }
        }
        return positions;
    }

    /** Adds up values of the eight voxels around a position with their weights. */
    private static double around(double[] position, boolean edge, IntToDoubleFunction value) {
        double sum = 0;
        for (int corner = 0; corner < 8; corner++) {
            double weight = 1;
            int[] voxel = new int[3];
            boolean inside = true;
            for (int axis = 0; axis < 3; axis++) {
                int lower = (int) Math.floor(position[axis]);
                int upper = corner >> axis & 1;
                double rest = position[axis] - lower;
                weight *= upper == 1 ? rest : 1 - rest;
                voxel[axis] = Math.min(Math.max(lower + upper, 0), FROM.along(axis) - 1);
                inside &= voxel[axis] == lower + upper;
            }
            if (inside || edge) {
                sum += weight * value.applyAsDouble((voxel[0] * FROM.y() + voxel[1]) * FROM.z() + voxel[2]);
            }
        }
        return sum;
    }

    @Test
    void anyNumberOfImagesIsInterpolatedAsTheFormulaSays() {
        for (int images = 1; images <= 7; images++) {
            for (SpatialTransformSettings elastic : List.of(NO_ELASTIC, ELASTIC)) {
                // Several blocks along each axis.
                Size patch = new Size(50, 7, 99);
                Warp warp = warp(elastic, patch, images);
                List<FloatBuffer> from = new ArrayList<>();
                Channel[] to = new Channel[images];
                float[] out = new float[3 + images * patch.voxels()];
                for (int c = 0; c < images; c++) {
                    from.add(FloatBuffer.wrap(image(100 * images + c)));
                    to[c] = new Channel(out, 3 + c * patch.voxels(), patch);
                }
                warp.resample(from, Optional.empty(), FROM, to, new byte[0], 0, new Scratch());
                double largest = 0;
                for (int x = 0; x < patch.x(); x++) {
                    for (int y = 0; y < patch.y(); y++) {
                        double[][] positions = positions(warp, x, y);
                        for (int z = 0; z < patch.z(); z++) {
                            for (int c = 0; c < images; c++) {
                                double expected = around(positions[z], false, from.get(c)::get);
                                largest = Math.max(largest, Math.abs(expected - out[to[c].row(x, y) + z]));
                            }
                        }
                    }
                }
                // Images of noise between -3 and 3: an error of a position by 1e-5 changes a value by up to 1.8e-4.
                assertTrue(largest < 2e-4, images + " images, elastic " + elastic.probability() + ": " + largest);
            }
        }
    }

    @Test
    void scalingAndMirroringAloneAreInterpolatedAsTheFormulaSays() {
        for (long seed = 0; seed < 12; seed++) {
            // Some of them reach beyond the image, one lies outside.
            Size patch = new Size(30, 24, 41);
            Warp drawn = warp(new SpatialTransformSettings(0, 0, 0), NO_ELASTIC, patch, seed);
            double[] centre = drawn.centre().clone();
            centre[(int) seed % 3] += seed == 11 ? 200 : 0;
            Warp warp = new Warp(patch, centre, drawn.matrix(), Optional.empty());
            assertTrue(AxisAlignedWarp.fits(warp));
            float[] image = image(seed);
            float[] out = new float[5 + patch.voxels()];
            Channel to = new Channel(out, 5, patch);
            byte[] classes = new byte[FROM.voxels()];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = (byte) (image[i] > 0 ? 1 : 0);
            }
            byte[] labels = new byte[patch.voxels()];
            warp.resample(
                    List.of(FloatBuffer.wrap(image)),
                    Optional.of(ByteBuffer.wrap(classes)),
                    FROM,
                    new Channel[] {to},
                    labels,
                    0,
                    new Scratch());
            for (int x = 0; x < patch.x(); x++) {
                for (int y = 0; y < patch.y(); y++) {
                    double[][] positions = positions(warp, x, y);
                    for (int z = 0; z < patch.z(); z++) {
                        double expected = around(positions[z], false, i -> image[i]);
                        assertEquals(expected, out[to.row(x, y) + z], 1e-5, "seed " + seed);
                        double share = share(positions[z], classes, (byte) 1);
                        byte label = labels[(x * patch.y() + y) * patch.z() + z];
                        if (Math.abs(share - 0.5) > 1e-4) {
                            assertEquals(share > 0.5 ? 1 : 0, label, "seed " + seed);
                        }
                    }
                }
            }
        }
    }

    @Test
    void theBorderIsRepeatedWhereThatIsAsked() {
        for (long seed = 0; seed < 5; seed++) {
            Size patch = new Size(20, 21, 22);
            Warp warp = warp(NO_ELASTIC, patch, seed);
            float[] image = image(seed);
            Channel to = new Channel(new float[patch.voxels()], 0, patch);
            warp.resample(List.of(FloatBuffer.wrap(image)), FROM, Warp.Beyond.EDGE, to);
            for (int x = 0; x < patch.x(); x++) {
                for (int y = 0; y < patch.y(); y++) {
                    double[][] positions = positions(warp, x, y);
                    for (int z = 0; z < patch.z(); z++) {
                        double expected = around(positions[z], true, i -> image[i]);
                        assertEquals(expected, to.values()[to.row(x, y) + z], 2e-4, "seed " + seed);
                    }
                }
            }
        }
    }

    @Test
    void eachVoxelGetsTheLabelWithTheLargestShare() {
        byte[] labels = {0, 1, 2, 3, 127};
        for (long seed = 0; seed < 10; seed++) {
            Size patch = new Size(50, 20, 30);
            Warp warp = warp(seed % 2 == 0 ? NO_ELASTIC : ELASTIC, patch, seed);
            SplittableRandom random = new SplittableRandom(seed);
            byte[] classes = new byte[FROM.voxels()];
            for (int i = 0; i < classes.length; i++) {
                // Large parts of one label, as in label maps, and noise.
                classes[i] = random.nextInt(3) == 0 ? labels[random.nextInt(5)] : (byte) (i / 20_000 % 4);
            }
            byte[] out = new byte[patch.voxels()];
            warp.resample(
                    List.of(), Optional.of(ByteBuffer.wrap(classes)), FROM, new Channel[0], out, 0, new Scratch());
            for (int x = 0; x < patch.x(); x++) {
                for (int y = 0; y < patch.y(); y++) {
                    double[][] positions = positions(warp, x, y);
                    for (int z = 0; z < patch.z(); z++) {
                        byte found = out[(x * patch.y() + y) * patch.z() + z];
                        double share = share(positions[z], classes, found);
                        for (byte other : labels) {
                            assertTrue(share > share(positions[z], classes, other) - 1e-4, "seed " + seed);
                        }
                    }
                }
            }
        }
    }

    private static double share(double[] position, byte[] classes, byte label) {
        double inside = around(position, false, i -> 1);
        double share = around(position, false, i -> classes[i] == label ? 1 : 0);
        return label == 0 ? share + 1 - inside : share;
    }

    @Test
    void theElasticFieldIsTheCubicBSplineOfItsControlPoints() {
        Size size = new Size(13, 10, 33);
        int points = Elastic.INTERVALS + 3;
        for (long seed = 0; seed < 5; seed++) {
            Elastic elastic = Elastic.draw(0.3, size, draws(seed));
            RandomSource again = draws(seed);
            double[][][][] control = new double[points][points][3][points];
            for (double[][][] plane : control) {
                for (double[][] row : plane) {
                    for (int axis = 0; axis < 3; axis++) {
                        double most = 0.3 * size.along(axis) / Elastic.INTERVALS;
                        for (int k = 0; k < points; k++) {
                            row[axis][k] = again.uniform(-most, most);
                        }
                    }
                }
            }
            for (int x = 0; x < size.x(); x += 4) {
                for (int y = 0; y < size.y(); y += 3) {
                    // A part of the row.
                    float[][] moved = new float[3][20];
                    elastic.plane(x).row(y, 7, moved);
                    for (int z = 7; z < 27; z++) {
                        for (int axis = 0; axis < 3; axis++) {
                            double expected = 0;
                            for (int i = 0; i < points; i++) {
                                for (int j = 0; j < points; j++) {
                                    for (int k = 0; k < points; k++) {
                                        expected += spline(x, size.x(), i)
                                                * spline(y, size.y(), j)
                                                * spline(z, size.z(), k)
                                                * control[i][j][axis][k];
                                    }
                                }
                            }
                            assertEquals(expected, moved[axis][z - 7], 1e-5, "seed " + seed);
                        }
                    }
                }
            }
        }
    }

    /** The cubic B-spline about a control point: the points lie at -1, 0, ... intervals. */
    private static double spline(int voxel, int extent, int point) {
        double distance = Math.abs((voxel + 0.5) * Elastic.INTERVALS / extent - (point - 1));
        if (distance >= 2) {
            return 0;
        }
        return distance < 1
                ? 2.0 / 3 - distance * distance + distance * distance * distance / 2
                : Math.pow(2 - distance, 3) / 6;
    }
}
