package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.tensor.Torch;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which prediction has the lowest loss if the target is a probability: the target for the semimetric, a mask for soft Dice. */
class SoftTargetsTest {
    private static final int VOXELS = 60;
    private static final int SEEDS = 50;

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static double[] targets(SplittableRandom random) {
        double[] targets = new double[VOXELS];
        Arrays.setAll(targets, i -> random.nextDouble(0.02, 0.98));
        return targets;
    }

    private static Tensor tensor(double[] values) {
        return Tensor.create(values, 1, 1, 5, 4, 3);
    }

    private static double semimetric(double[] prediction, double[] target) {
        return SegmentationLosses.diceSemimetric(tensor(prediction), tensor(target), false)
                .item_double();
    }

    private static double softDice(double[] prediction, double[] target) {
        return SegmentationLosses.dice(tensor(prediction), tensor(target), false)
                .item_double();
    }

    private static double[] combined(double[] first, double[] second, DoubleBinaryOperator by) {
        double[] result = new double[first.length];
        Arrays.setAll(result, i -> by.applyAsDouble(first[i], second[i]));
        return result;
    }

    @Test
    void theSemimetricIsLowestAtTheTarget() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] target = targets(random);
            try (PointerScope scope = new PointerScope()) {
                assertEquals(0, semimetric(target, target), 0, "seed " + seed);
                double[] step = new double[VOXELS];
                Arrays.setAll(step, i -> random.nextDouble(-1, 1));
                double near = semimetric(combined(target, step, (q, v) -> q + 1e-6 * v), target);
                assertTrue(near > 1e-9, "seed " + seed + ": " + near);
                double far = semimetric(targets(random), target);
                assertTrue(far > 1e-2, "seed " + seed + ": " + far);
                double mask = semimetric(combined(target, target, (q, same) -> q > 0.5 ? 1 : 0), target);
                assertTrue(mask > 1e-2, "seed " + seed + ": " + mask);
            }
        }
    }

    @Test
    void softDiceIsLowestAtTheMaskOfTheVoxelsAboveHalfTheBestDice() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] target = targets(random);
            try (PointerScope scope = new PointerScope()) {
                double[] descending = Arrays.stream(target).sorted().toArray();
                double lowest = 1;
                for (double threshold : descending) {
                    lowest = Math.min(lowest, softDice(mask(target, threshold), target));
                }
                double half = (1 - lowest) / 2;
                assertEquals(lowest, softDice(mask(target, half), target), 1e-6, "seed " + seed);
                assertTrue(softDice(target, target) > lowest + 1e-3, "seed " + seed);
                for (int i = 0; i < 20; i++) {
                    assertTrue(softDice(targets(random), target) > lowest, "seed " + seed);
                }
            }
        }
    }

    private static double[] mask(double[] target, double threshold) {
        return Arrays.stream(target).map(q -> q >= threshold ? 1 : 0).toArray();
    }

    @Test
    void atTheTargetTheSemimetricHasNoGradientAndSoftDiceHasOne() {
        for (int seed = 0; seed < SEEDS; seed++) {
            double[] target = targets(new SplittableRandom(seed));
            try (PointerScope scope = new PointerScope()) {
                Tensor prediction = tensor(target).set_requires_grad(true);
                SegmentationLosses.diceSemimetric(prediction, tensor(target), false)
                        .backward();
                assertEquals(0, prediction.grad().abs().max().item_double(), 1e-15, "seed " + seed);
                Tensor other = tensor(target).set_requires_grad(true);
                Tensor loss = SegmentationLosses.dice(other, tensor(target), false);
                loss.backward();
                double half = (1 - loss.item_double()) / 2;
                for (int i = 0; i < VOXELS; i++) {
                    double slope = other.grad().view(-1).select(0, i).item_double();
                    assertEquals(Math.signum(half - target[i]), Math.signum(slope), "seed " + seed + ", voxel " + i);
                }
            }
        }
    }

    @Test
    void forMasksBothAreTheSame() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] target = mask(targets(random), 0.5);
            double[] prediction = targets(random);
            try (PointerScope scope = new PointerScope()) {
                assertEquals(softDice(prediction, target), semimetric(prediction, target), 1e-6, "seed " + seed);
                assertEquals(
                        1,
                        SegmentationLosses.diceSemimetric(tensor(prediction), torch.zeros_like(tensor(target)), true)
                                .item_double(),
                        1e-6);
            }
        }
    }
}
