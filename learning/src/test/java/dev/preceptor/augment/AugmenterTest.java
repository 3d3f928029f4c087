package dev.preceptor.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AugmenterTest {
    private static final int TRIES = 20;
    private static final Size SIZE = new Size(20, 24, 28);
    private static final Size PATCH = new Size(11, 12, 13);
    private static final TransformSettings OFF = new TransformSettings(0, 1, 1, 1);
    private static final SpatialTransformSettings NO_SCALING = new SpatialTransformSettings(0, 1, 1);
    private static final SpatialTransformSettings NO_ELASTIC = new SpatialTransformSettings(0, 0, 0);

    private static Augmentation settings(
            SpatialTransformSettings rotation,
            SpatialTransformSettings scaling,
            SpatialTransformSettings elastic,
            TransformSettings each,
            double dropout) {
        return new Augmentation(
                rotation,
                scaling,
                elastic,
                new TransformSettings(each.probability(), 1, 5, 1),
                new TransformSettings(each.probability(), 0.2, 0.8, 1),
                new TransformSettings(each.probability(), 0.1, 0.5, 1),
                new TransformSettings(each.probability(), 0, 0.3, 1),
                new TransformSettings(each.probability(), 0, 0.1, 1),
                new TransformSettings(each.probability(), 0.5, 1, 1),
                new TransformSettings(each.probability(), 0.75, 1.25, 1),
                new TransformSettings(each.probability(), 0.75, 1.25, 1),
                new TransformSettings(each.probability(), 0.5, 1, 1),
                new TransformSettings(each.probability(), 0.7, 1.5, 1),
                new TransformSettings(each.probability(), 0.7, 1.5, 1),
                dropout);
    }

    private static final Augmentation EVERYTHING = settings(
            new SpatialTransformSettings(1, -30, 30),
            new SpatialTransformSettings(1, 0.7, 1.4),
            new SpatialTransformSettings(1, 0, 0.4),
            new TransformSettings(1, 0, 1, 1),
            0);
    private static final Augmentation SPATIAL = settings(
            new SpatialTransformSettings(1, -30, 30),
            new SpatialTransformSettings(1, 0.7, 1.4),
            new SpatialTransformSettings(1, 0, 0.4),
            OFF,
            0);

    private static RandomSource draws(long seed) {
        return new RandomSource(new SplittableRandom(seed));
    }

    private static Augmenter.Target target(int sequences) {
        return new Augmenter.Target(PATCH, new float[sequences * PATCH.voxels()], 0, new byte[PATCH.voxels()], 0);
    }

    private static boolean[] measured(int sequences) {
        boolean[] measured = new boolean[sequences];
        Arrays.fill(measured, true);
        return measured;
    }

    private static ChannelMoments moments(Channel channel) {
        return new DeferredChannel(channel).moments();
    }

    private static float[] noise(Size size, long seed) {
        RandomSource random = draws(seed);
        float[] values = new float[size.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.normal();
        }
        return values;
    }

    private static Augmenter.Target augmented(Augmentation settings, List<float[]> images, byte[] classes, long seed) {
        Augmenter augmenter = new Augmenter(settings, List.of());
        Augmenter.Target target = target(images.size());
        RandomSource random = draws(seed);
        SplittableRandom boxes = new SplittableRandom(~seed);
        Box box = Box.at(boxes.nextInt(30) - 10, boxes.nextInt(30) - 10, boxes.nextInt(30) - 10, PATCH);
        boolean[] mirrored = {boxes.nextBoolean(), boxes.nextBoolean(), boxes.nextBoolean()};
        augmenter.warp(
                images.stream().map(FloatBuffer::wrap).map(Optional::of).toList(),
                Optional.of(ByteBuffer.wrap(classes)),
                SIZE,
                box,
                mirrored,
                target,
                random);
        augmenter.transformIntensities(target, measured(images.size()), random);
        return target;
    }

    @Nested
    class Everything {
        @Test
        void dependsOnTheRandomSourceAlone() {
            for (long seed = 0; seed < TRIES; seed++) {
                List<float[]> images = List.of(noise(SIZE, 1), noise(SIZE, 2));
                Augmenter.Target first = augmented(EVERYTHING, images, new byte[SIZE.voxels()], seed);
                Augmenter.Target second = augmented(EVERYTHING, images, new byte[SIZE.voxels()], seed);
                assertArrayEquals(first.images(), second.images(), "seed " + seed);
            }
        }

        @Test
        void isFiniteForEveryDraw() {
            for (long seed = 0; seed < TRIES; seed++) {
                List<float[]> images = List.of(noise(SIZE, seed), new float[SIZE.voxels()]);
                for (float value : augmented(EVERYTHING, images, new byte[SIZE.voxels()], seed)
                        .images()) {
                    assertTrue(Float.isFinite(value), "seed " + seed);
                }
            }
        }

        @Test
        void leavesTheBackgroundAtZero() {
            for (long seed = 0; seed < TRIES; seed++) {
                Augmenter augmenter = new Augmenter(
                        settings(NO_SCALING, NO_SCALING, NO_ELASTIC, new TransformSettings(1, 0, 1, 1), 0), List.of());
                Augmenter.Target target = target(2);
                float[] one = noise(PATCH, seed);
                float[] two = noise(PATCH, seed + 100);
                for (int i = 0; i < one.length; i++) {
                    // Neither sequence in the first half, the second alone in the next quarter.
                    target.images()[i] = i < one.length * 3 / 4 ? 0 : one[i];
                    target.images()[one.length + i] = i < one.length / 2 ? 0 : two[i];
                }
                augmenter.transformIntensities(target, measured(2), draws(seed));
                int filled = 0;
                for (int i = 0; i < one.length; i++) {
                    if (i < one.length / 2) {
                        assertEquals(0, target.images()[i], "seed " + seed);
                        assertEquals(0, target.images()[one.length + i], "seed " + seed);
                    } else if (i < one.length * 3 / 4) {
                        filled += target.images()[i] != 0 ? 1 : 0;
                    }
                }
                assertTrue(filled > 0, "a voxel that is 0 in one sequence only may change");
            }
        }

        @Test
        void changesNothingWhereEveryTransformIsOff() {
            Augmenter augmenter = new Augmenter(settings(NO_SCALING, NO_SCALING, NO_ELASTIC, OFF, 0), List.of(0));
            Augmenter.Target target = target(1);
            float[] values = noise(PATCH, 3);
            System.arraycopy(values, 0, target.images(), 0, values.length);
            List<Optional<FloatBuffer>> image = List.of(Optional.of(FloatBuffer.wrap(noise(SIZE, 4))));
            Optional<ByteBuffer> classes = Optional.of(ByteBuffer.allocate(SIZE.voxels()));
            assertFalse(augmenter.warp(image, classes, SIZE, Box.at(0, 0, 0, PATCH), new boolean[3], target, draws(5)));
            augmenter.transformIntensities(target, measured(1), draws(5));
            assertArrayEquals(values, target.images());
        }
    }

    @Nested
    class SpatialTransform {
        @Test
        void isTheSameForAllSequencesAndTheLabels() {
            for (long seed = 0; seed < TRIES; seed++) {
                byte[] classes = new byte[SIZE.voxels()];
                float[] image = new float[SIZE.voxels()];
                float[] blobs = noise(SIZE, seed);
                new GaussianBlur(1, 1, 1).apply(new Channel(blobs, 0, SIZE));
                for (int i = 0; i < classes.length; i++) {
                    classes[i] = (byte) (blobs[i] > 0.05 ? 1 : 0);
                    image[i] = classes[i];
                }
                float[] twice = image.clone();
                Augmenter.Target target = augmented(SPATIAL, List.of(image, twice), classes, seed);
                for (int i = 0; i < PATCH.voxels(); i++) {
                    float share = target.images()[i];
                    assertEquals(share, target.images()[PATCH.voxels() + i], "seed " + seed);
                    if (Math.abs(share - 0.5) > 1e-4) {
                        assertEquals(share > 0.5 ? 1 : 0, target.classes()[i], "seed " + seed);
                    }
                }
            }
        }

        @Test
        void ofARampGivesThePositionsInPatchesOfManyPlanes() {
            Size from = new Size(130, 40, 40);
            Size wide = new Size(100, 9, 10);
            float[] ramp = new float[from.voxels()];
            for (int i = 0; i < ramp.length; i++) {
                int x = i / (from.y() * from.z());
                ramp[i] = x + 0.5f * (i / from.z() % from.y()) - 0.25f * (i % from.z());
            }
            double[][] matrix = Warp.rotation(new double[] {20, 4, -5});
            Channel to = new Channel(new float[wide.voxels()], 0, wide);
            double[] centre = {64.5, 19, 20};
            new Warp(wide, centre, matrix, Optional.empty())
                    .resample(List.of(FloatBuffer.wrap(ramp)), from, Warp.Beyond.ZERO, to);
            double[] slope = {1, 0.5, -0.25};
            for (int x = 0; x < wide.x(); x++) {
                for (int y = 0; y < wide.y(); y++) {
                    for (int z = 0; z < wide.z(); z++) {
                        double[] offset = {x - 49.5, y - 4, z - 4.5};
                        double expected = 0;
                        for (int axis = 0; axis < 3; axis++) {
                            double position = centre[axis];
                            for (int other = 0; other < 3; other++) {
                                position += matrix[axis][other] * offset[other];
                            }
                            expected += slope[axis] * position;
                        }
                        assertEquals(expected, to.values()[to.row(x, y) + z], 1e-3, "plane " + x);
                    }
                }
            }
        }

        @Test
        void withoutRotationIsAMirroredCrop() {
            float[] image = noise(SIZE, 6);
            byte[] classes = new byte[SIZE.voxels()];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = (byte) (image[i] > 0 ? 3 : 0);
            }
            double[][] mirror = {{-1, 0, 0}, {0, 1, 0}, {0, 0, -1}};
            Augmenter.Target target = target(1);
            // The box begins at (-3, 2, 20), so that it reaches beyond the image at both ends.
            new Warp(PATCH, new double[] {2, 7.5, 26}, mirror, Optional.empty())
                    .resample(
                            List.of(FloatBuffer.wrap(image)),
                            Optional.of(ByteBuffer.wrap(classes)),
                            SIZE,
                            new Channel[] {target.channel(0)},
                            target.classes(),
                            0,
                            new Scratch());
            for (int x = 0; x < PATCH.x(); x++) {
                for (int y = 0; y < PATCH.y(); y++) {
                    for (int z = 0; z < PATCH.z(); z++) {
                        int sx = -3 + PATCH.x() - 1 - x;
                        int sy = 2 + y;
                        int sz = 20 + PATCH.z() - 1 - z;
                        boolean inside = sx >= 0 && sz < SIZE.z();
                        int from = (sx * SIZE.y() + sy) * SIZE.z() + sz;
                        int to = target.channel(0).row(x, y) + z;
                        assertEquals(inside ? image[from] : 0, target.images()[to], 1e-5, x + " " + y + " " + z);
                        assertEquals(inside ? classes[from] : 0, target.classes()[to]);
                    }
                }
            }
        }

        @Test
        void ofAConstantIsConstantWhereTheBorderIsRepeated() {
            for (long seed = 0; seed < TRIES; seed++) {
                float[] image = new float[PATCH.voxels()];
                Arrays.fill(image, 2.5f);
                Augmenter.Target target = target(1);
                RandomSource random = draws(seed);
                double[] degrees = {random.uniform(-30, 30), random.uniform(-30, 30), random.uniform(-30, 30)};
                double[] shift = {random.uniform(-9, 9), random.uniform(-9, 9), random.uniform(-9, 9)};
                Warp.rigid(PATCH, degrees, shift)
                        .resample(List.of(FloatBuffer.wrap(image)), PATCH, Warp.Beyond.EDGE, target.channel(0));
                for (float value : target.images()) {
                    assertEquals(2.5f, value, 1e-5f, "seed " + seed);
                }
            }
        }

        @Test
        void withElasticDisplacementNeverFolds() {
            Size size = new Size(17, 16, 23);
            for (long seed = 0; seed < TRIES; seed++) {
                Elastic elastic = Elastic.draw(0.4, size, draws(seed));
                float[][][][] moved = new float[size.x()][size.y()][3][size.z()];
                for (int x = 0; x < size.x(); x++) {
                    for (int y = 0; y < size.y(); y++) {
                        elastic.plane(x).row(y, 0, moved[x][y]);
                    }
                }
                for (int x = 0; x + 1 < size.x(); x++) {
                    for (int y = 0; y + 1 < size.y(); y++) {
                        for (int z = 0; z + 1 < size.z(); z++) {
                            assertTrue(jacobian(moved, x, y, z) > 0, "seed " + seed);
                            assertTrue(Math.abs(moved[x][y][2][z]) <= elastic.maximum(2), "seed " + seed);
                        }
                    }
                }
            }
        }

        private static double jacobian(float[][][][] moved, int x, int y, int z) {
            double[][] steps = new double[3][3];
            for (int axis = 0; axis < 3; axis++) {
                float here = moved[x][y][axis][z];
                steps[axis][0] = moved[x + 1][y][axis][z] - here;
                steps[axis][1] = moved[x][y + 1][axis][z] - here;
                steps[axis][2] = moved[x][y][axis][z + 1] - here;
                steps[axis][axis] += 1;
            }
            return steps[0][0] * (steps[1][1] * steps[2][2] - steps[1][2] * steps[2][1])
                    - steps[0][1] * (steps[1][0] * steps[2][2] - steps[1][2] * steps[2][0])
                    + steps[0][2] * (steps[1][0] * steps[2][1] - steps[1][1] * steps[2][0]);
        }
    }

    @Nested
    class Intensities {
        private final float[] before = noise(PATCH, 7);

        private float[] after(IntensityTransform transform) {
            float[] values = before.clone();
            transform.apply(new Channel(values, 0, PATCH));
            return values;
        }

        @Test
        void areUnchangedAtStrengthZero() {
            for (IntensityTransform identity : List.of(
                    new Noise(0, 1),
                    new GaussianBlur(0, 0, 0),
                    new Linear(1, false),
                    new Linear(1, true),
                    new LowResolution(1),
                    new BiasField(new double[4][4][4]),
                    new Spike(0, new int[] {1, 2, 3}, 1),
                    new Ghosting(0, 4, 1),
                    new Motion(0, List.of()),
                    new Gamma(1, false),
                    new Gamma(1, true))) {
                assertArrayEquals(before, after(identity), 1e-4f, identity.toString());
            }
        }

        @Test
        void ofAConstantStayConstant() {
            float[] constant = new float[PATCH.voxels()];
            Arrays.fill(constant, 3);
            for (IntensityTransform transform : List.of(
                    new GaussianBlur(1, 0.5, 0.7),
                    new Linear(1.2, true),
                    new LowResolution(0.5),
                    new Spike(0.5, new int[] {1, 2, 3}, 1),
                    new Ghosting(0.7, 4, 2),
                    new Motion(1, List.of(new Motion.Move(0, 4, new double[] {3, 2, 1}, new double[] {1, 2, 3}))),
                    new Gamma(1.4, false),
                    new Gamma(0.7, true))) {
                float[] values = constant.clone();
                transform.apply(new Channel(values, 0, PATCH));
                assertArrayEquals(constant, values, 1e-4f, transform.toString());
            }
        }

        @Test
        void keepMeanAndStandardDeviationUnderGamma() {
            ChannelMoments moments = moments(new Channel(before, 0, PATCH));
            for (double power : new double[] {0.7, 0.9, 1.2, 1.5}) {
                ChannelMoments transformed = moments(new Channel(after(new Gamma(power, power > 1)), 0, PATCH));
                assertEquals(moments.mean(), transformed.mean(), 1e-4);
                assertEquals(moments.deviation(), transformed.deviation(), 1e-4);
            }
        }

        @Test
        void stayWithinTheirRangeUnderContrast() {
            ChannelMoments moments = moments(new Channel(before, 0, PATCH));
            ChannelMoments harder = moments(new Channel(after(new Linear(1.25, true)), 0, PATCH));
            assertEquals(moments.minimum(), harder.minimum());
            assertEquals(moments.maximum(), harder.maximum());
            assertTrue(harder.deviation() > moments.deviation());
        }

        @Test
        void getNoiseOfTheGivenStandardDeviation() {
            Size large = Size.cube(64);
            float[] values = new float[large.voxels()];
            new Noise(0.25, 9).apply(new Channel(values, 0, large));
            ChannelMoments moments = moments(new Channel(values, 0, large));
            assertEquals(0, moments.mean(), 0.003);
            assertEquals(0.25, moments.deviation(), 0.001);
            double fourth = 0;
            for (float value : values) {
                fourth += Math.pow(value / 0.25, 4) / values.length;
            }
            assertEquals(3, fourth, 0.05, "the fourth moment of a normal distribution");
        }
    }

    @Nested
    class SequenceDropout {
        @Test
        void dropsSomeSequencesNeverAllAndOnlyDroppableOnes() {
            double probability = 0.4;
            Augmenter augmenter =
                    new Augmenter(settings(NO_SCALING, NO_SCALING, NO_ELASTIC, OFF, probability), List.of(0, 1, 3));
            int dropped = 0;
            int rounds = 2000;
            for (long seed = 0; seed < rounds; seed++) {
                Augmenter.Target target = target(4);
                Arrays.fill(target.images(), 1);
                Augmenter.AppliedTransforms applied = augmenter.transformIntensities(target, measured(4), draws(seed));
                int zeros = 0;
                for (int c = 0; c < 4; c++) {
                    boolean isZero = target.channel(c).copy().values()[5] == 0;
                    assertEquals(isZero, applied.dropped()[c], "seed " + seed);
                    zeros += isZero ? 1 : 0;
                }
                assertEquals(zeros > 0, applied.isAltered(), "seed " + seed);
                assertEquals(1, target.channel(2).copy().values()[5], "seed " + seed);
                assertTrue(zeros < 3, "seed " + seed);
                dropped += zeros;
            }
            // Three droppable sequences; where all are drawn, one remains.
            double expected = rounds * (3 * probability - Math.pow(probability, 3));
            assertEquals(expected, dropped, 0.05 * expected);
        }

        @Test
        void oneMeasuredSequenceRemainsWhereOthersAreAbsent() {
            Augmenter augmenter = new Augmenter(
                    settings(NO_SCALING, NO_SCALING, NO_ELASTIC, new TransformSettings(1, 0, 1, 1), 0.9),
                    List.of(0, 1, 2));
            for (long seed = 0; seed < TRIES; seed++) {
                Augmenter.Target target = target(3);
                Arrays.fill(target.images(), PATCH.voxels(), 3 * PATCH.voxels(), 1);
                Augmenter.AppliedTransforms applied =
                        augmenter.transformIntensities(target, new boolean[] {false, true, true}, draws(seed));
                assertFalse(applied.dropped()[1] && applied.dropped()[2], "seed " + seed);
                assertFalse(applied.dropped()[0], "an absent sequence is not dropped");
                assertEquals(0, target.channel(0).copy().values()[5], "an absent sequence stays 0");
            }
        }

        @Test
        void keepsASingleSequence() {
            Augmenter augmenter = new Augmenter(settings(NO_SCALING, NO_SCALING, NO_ELASTIC, OFF, 1), List.of(0));
            Augmenter.Target target = target(1);
            Arrays.fill(target.images(), 1);
            augmenter.transformIntensities(target, measured(1), draws(1));
            assertEquals(1, target.images()[0]);
        }
    }
}
