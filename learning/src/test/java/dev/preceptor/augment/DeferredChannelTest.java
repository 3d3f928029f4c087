package dev.preceptor.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeferredChannelTest {
    private static final Size SIZE = new Size(21, 30, 37);

    private static float[] noise(long seed) {
        RandomSource random = new RandomSource(new SplittableRandom(seed));
        float[] values = new float[SIZE.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.normal() * 2 + 1);
        }
        return values;
    }

    private static List<IntensityTransform> drawn(long seed) {
        RandomSource random = new RandomSource(new SplittableRandom(seed));
        List<IntensityTransform> all = List.of(
                BiasField.draw(new TransformSettings(1, 0, 0.3, 1), SIZE, random),
                new Noise(random.uniform(0, 0.2), random.bits()),
                new GaussianBlur(random.uniform(0, 1.2), random.uniform(0, 1.2), random.uniform(0, 1.2)),
                new Linear(random.uniform(0.7, 1.3), false),
                new Linear(random.uniform(0.7, 1.3), true),
                new Spike(0.3, new int[] {1, -4, 3}, 0.3),
                new LowResolution(random.uniform(0.5, 1)),
                new Gamma(random.uniform(0.7, 1.5), true),
                new Gamma(random.uniform(0.7, 1.5), false));
        List<IntensityTransform> some = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            some.add(all.get(random.below(all.size())));
        }
        return some;
    }

    @Test
    void transformsTogetherAreTheTransformsOneAfterTheOther() {
        for (long seed = 0; seed < 30; seed++) {
            float[] one = noise(seed);
            float[] together = one.clone();
            List<IntensityTransform> transforms = drawn(seed);
            DeferredChannel channel = new DeferredChannel(new Channel(together, 0, SIZE));
            for (IntensityTransform transform : transforms) {
                transform.apply(new Channel(one, 0, SIZE));
                transform.apply(channel);
            }
            channel.materialise();
            assertArrayEquals(one, together, "seed " + seed + ": " + transforms);
        }
    }

    @Test
    void momentsAreThoseAfterAllChanges() {
        for (long seed = 0; seed < 10; seed++) {
            float[] values = noise(seed);
            DeferredChannel channel = new DeferredChannel(new Channel(values, 0, SIZE));
            channel.moments();
            new Linear(1.7, false).apply(channel);
            new Noise(0.5, seed).apply(channel);
            ChannelMoments moments = channel.moments();
            double mean = 0;
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (float value : values) {
                mean += value / (double) values.length;
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
            double square = 0;
            for (float value : values) {
                square += (value - mean) * (value - mean) / values.length;
            }
            assertEquals(mean, moments.mean(), 1e-5, "seed " + seed);
            assertEquals(Math.sqrt(square), moments.deviation(), 1e-5, "seed " + seed);
            assertEquals(low, moments.minimum(), "seed " + seed);
            assertEquals(high, moments.maximum(), "seed " + seed);
        }
    }

    @Test
    void theBackgroundIsWhereAllSequencesAreZero() {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int sequences = 1 + random.nextInt(4);
            float[] images = new float[sequences * SIZE.voxels()];
            int run = 1 + random.nextInt(3000);
            boolean zero = random.nextBoolean();
            for (int i = 0; i < SIZE.voxels(); i++) {
                zero = random.nextInt(run) == 0 ? random.nextBoolean() : zero;
                if (!zero) {
                    images[random.nextInt(sequences) * SIZE.voxels() + i] = random.nextBoolean() ? 1e-30f : -2;
                }
            }
            Augmenter.Target target = new Augmenter.Target(SIZE, images, 0, new byte[0], 0);
            float[] filled = new float[SIZE.voxels()];
            Arrays.fill(filled, 1);
            BackgroundMask.of(target, sequences).clear(new Channel(filled, 0, SIZE));
            for (int i = 0; i < SIZE.voxels(); i++) {
                float any = 0;
                for (int c = 0; c < sequences; c++) {
                    any = Math.max(any, Math.abs(images[c * SIZE.voxels() + i]));
                }
                assertEquals(any > 0 ? 1 : 0, filled[i], "seed " + seed + ", voxel " + i);
            }
        }
    }

    @Test
    void aPowerIsWithinTwoMillionthsOfTheRange() {
        for (double power = 0.1; power <= 10; power *= 1.07) {
            for (boolean inverted : new boolean[] {false, true}) {
                float origin = inverted ? 5 : -3;
                float range = inverted ? -8 : 8;
                float[] values = new float[40_001];
                double[] x = new double[values.length];
                for (int i = 0; i < values.length; i++) {
                    // Many values near 0, where the power is steepest.
                    double near = Math.pow((double) i / (values.length - 1), 3);
                    values[i] = (float) (origin + range * near);
                    x[i] = Math.min(Math.max(((double) values[i] - origin) / range, 0), 1);
                }
                PowerPolynomial.of(power, origin, range).apply(values, values.length, new float[values.length]);
                // A power below 1 magnifies the rounding of x near 0, which is that of the value itself.
                for (int i = 0; i < values.length; i++) {
                    double rounding = 6e-8 * Math.max(1, power * Math.pow(Math.max(x[i], 6e-8), power - 1));
                    double expected = origin + range * Math.pow(x[i], power);
                    double error = Math.abs(expected - values[i]) / Math.abs(range);
                    if (error >= 2e-6 + rounding) {
                        fail("power " + power + " of " + x[i] + ": " + error);
                    }
                }
            }
        }
    }

    @Test
    void aBiasFieldIsTheExponentialOfItsPolynomial() {
        for (long seed = 0; seed < 5; seed++) {
            RandomSource random = new RandomSource(new SplittableRandom(seed));
            BiasField field = BiasField.draw(new TransformSettings(1, 0.3, 0.3, 1), SIZE, random);
            float[] values = new float[SIZE.voxels()];
            Arrays.fill(values, 1);
            field.apply(new Channel(values, 0, SIZE));
            for (int x = 0; x < SIZE.x(); x += 5) {
                for (int y = 0; y < SIZE.y(); y += 7) {
                    for (int z = 0; z < SIZE.z(); z++) {
                        double sum = 0;
                        for (int i = 0; i < 4; i++) {
                            for (int j = 0; i + j < 4; j++) {
                                for (int k = 0; i + j + k < 4; k++) {
                                    sum += field.coefficients()[i][j][k]
                                            * legendre(i, x, SIZE.x())
                                            * legendre(j, y, SIZE.y())
                                            * legendre(k, z, SIZE.z());
                                }
                            }
                        }
                        double expected = Math.exp(sum);
                        float found = values[(x * SIZE.y() + y) * SIZE.z() + z];
                        assertEquals(expected, found, 2e-5 * expected, "seed " + seed);
                    }
                }
            }
        }
    }

    private static double legendre(int degree, int voxel, int extent) {
        double t = 2.0 * voxel / (extent - 1) - 1;
        return switch (degree) {
            case 0 -> 1;
            case 1 -> t;
            case 2 -> (3 * t * t - 1) / 2;
            default -> (5 * t * t * t - 3 * t) / 2;
        };
    }
}
