package dev.preceptor.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PatchSamplerTest {
    private static final Size SIZE = new Size(12, 14, 9);

    private static Sample sample(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] image = new float[SIZE.voxels()];
        byte[] classes = new byte[SIZE.voxels()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) random.nextDouble() + 1;
            classes[i] = (byte) (random.nextInt(10) == 0 ? 1 + random.nextInt(3) : 0);
        }
        float[] numbers = new float[SIZE.voxels()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i + 1;
        }
        return Sample.of("s" + seed, SIZE, List.of(image, numbers), classes);
    }

    private static PatchSampler sampler(String... overrides) {
        Recipe recipe = Recipe.load("baseline-small", List.of(overrides));
        List<Sample> samples = List.of(sample(1), sample(2), sample(3));
        return new PatchSampler(
                3,
                samples::get,
                new Sampling(List.of(8, 8, 11), 0.5, 2, 4, 0.5, 0, Sampling.Unlabelled.NONE),
                new Augmenter(recipe.augmentation(), List.of()),
                new RandomStreams(1),
                0);
    }

    @Test
    void aPatchIsTheBoxOfTheSampleMirroredAndPaddedWithZeros() {
        Sample sample = sample(4);
        for (int flips = 0; flips < 8; flips++) {
            boolean[] flip = {(flips & 1) != 0, (flips & 2) != 0, (flips & 4) != 0};
            Box box = new Box(-2, 3, -1, 6, 11, 10);
            HostBatch hostBatch = HostBatch.of(List.of(new HostBatch.Crop(sample, box, flip[0], flip[1], flip[2])));
            Size to = box.size();
            for (int x = 0; x < to.x(); x++) {
                for (int y = 0; y < to.y(); y++) {
                    for (int z = 0; z < to.z(); z++) {
                        int sx = box.x0() + (flip[0] ? to.x() - 1 - x : x);
                        int sy = box.y0() + (flip[1] ? to.y() - 1 - y : y);
                        int sz = box.z0() + (flip[2] ? to.z() - 1 - z : z);
                        boolean inside = sx >= 0 && sz >= 0 && sz < SIZE.z();
                        int at = (x * to.y() + y) * to.z() + z;
                        float expected = inside ? SIZE.index(sx, sy, sz) + 1 : 0;
                        assertEquals(expected, hostBatch.images()[to.voxels() + at], "flips " + flips);
                        assertEquals(
                                inside ? sample.classes().orElseThrow().get((sx * SIZE.y() + sy) * SIZE.z() + sz) : 0,
                                hostBatch.classes()[at]);
                    }
                }
            }
        }
    }

    @Test
    void aBatchDependsOnItsStepOnlyAndNotOnTheReusedArrays() {
        for (String[] overrides : List.of(new String[0], new String[] {"augmentation.preset=mri"})) {
            PatchSampler sampler = sampler(overrides);
            HostBatch spare = sampler.draw(7, 3);
            for (int epoch = 0; epoch < 3; epoch++) {
                for (int step = 0; step < 4; step++) {
                    HostBatch fresh = sampler.draw(epoch, step);
                    spare = sampler.draw(epoch, step, Optional.of(spare));
                    assertEquals(fresh.subjects(), spare.subjects());
                    assertArrayEquals(fresh.images(), spare.images(), "epoch " + epoch + ", step " + step);
                    assertArrayEquals(fresh.classes(), spare.classes());
                }
            }
        }
    }
}
