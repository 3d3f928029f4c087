package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.data.Sample;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A loss over a volume of which one half is ignored is the loss over the other half, whatever stands in the ignored one. */
class IgnoredVoxelsTest {
    private static final int HALF = 4 * 3 * 2;
    private static final List<SupervisedLoss> LOSSES = List.of(
            new SupervisedLoss.Dice(1, 1e-5, 0, false, true),
            new SupervisedLoss.Dice(1, 0, 1e-7, true, false),
            new SupervisedLoss.Tversky(1, 0.3, 0.7, 1e-5),
            new SupervisedLoss.CrossEntropy(1),
            new SupervisedLoss.Focal(1, 2, 0),
            new SupervisedLoss.TopK(1, 0.25));

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void countInNoLossAndHaveNoGradient() {
        for (TargetEncoding targetEncoding : TargetEncoding.values()) {
            for (SupervisedLoss loss : LOSSES) {
                for (boolean pooled : new boolean[] {false, true}) {
                    check(
                            loss + " of " + targetEncoding,
                            targetEncoding,
                            new LabelSupervision(BratsTargets.of(targetEncoding), List.of(loss), pooled));
                }
            }
            check(
                    "combination of " + targetEncoding,
                    targetEncoding,
                    new CombinationLoss(
                            BratsTargets.of(targetEncoding), CombinationLoss.Reduction.VOLUME, GlobalBatchSum.LOCAL));
        }
    }

    @Test
    void aBatchOfWhichNothingIsKnownCostsAFiniteAmountAndTeachesNothing() {
        for (TargetEncoding targetEncoding : TargetEncoding.values()) {
            for (SupervisedLoss loss : LOSSES) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor logits = Tensors.of(
                            new float[BratsTargets.of(targetEncoding).channels() * HALF],
                            1,
                            BratsTargets.of(targetEncoding).channels(),
                            4,
                            3,
                            2);
                    logits.requires_grad_(true);
                    byte[] classes = new byte[HALF];
                    Arrays.fill(classes, Sample.IGNORED);
                    Tensor value = new LabelSupervision(BratsTargets.of(targetEncoding), List.of(loss), false)
                            .of(logits, Tensors.of(classes, 1, 4, 3, 2).to(torch.ScalarType.Long))
                            .total();
                    assertEquals(true, Double.isFinite(value.item().toDouble()), loss.toString());
                    value.backward();
                    assertArrayEquals(
                            new float[BratsTargets.of(targetEncoding).channels() * HALF],
                            Tensors.toFloats(logits.grad()),
                            0,
                            loss.toString());
                }
            }
        }
    }

    private static void check(String name, TargetEncoding targetEncoding, SegmentationLoss segmentationLoss) {
        int channels = BratsTargets.of(targetEncoding).channels();
        for (int seed = 0; seed < 5; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            float[] all = new float[channels * 2 * HALF];
            float[] half = new float[channels * HALF];
            byte[] classes = new byte[2 * HALF];
            byte[] known = new byte[HALF];
            for (int v = 0; v < 2 * HALF; v++) {
                boolean counts = v < HALF;
                classes[v] = counts ? (byte) random.nextInt(4) : Sample.IGNORED;
                for (int c = 0; c < channels; c++) {
                    all[c * 2 * HALF + v] = (float) random.nextDouble(-3, 3);
                    if (counts) {
                        half[c * HALF + v] = all[c * 2 * HALF + v];
                        known[v] = classes[v];
                    }
                }
            }
            try (PointerScope scope = new PointerScope()) {
                Tensor logits = Tensors.of(all, 1, channels, 8, 3, 2).requires_grad_(true);
                Tensor value = segmentationLoss
                        .of(logits, Tensors.of(classes, 1, 8, 3, 2).to(torch.ScalarType.Long))
                        .total();
                double expected = segmentationLoss
                        .of(
                                Tensors.of(half, 1, channels, 4, 3, 2),
                                Tensors.of(known, 1, 4, 3, 2).to(torch.ScalarType.Long))
                        .total()
                        .item()
                        .toDouble();
                assertEquals(expected, value.item().toDouble(), 1e-6, name + ", seed " + seed);
                value.backward();
                float[] gradient = Tensors.toFloats(logits.grad());
                for (int c = 0; c < channels; c++) {
                    for (int v = HALF; v < 2 * HALF; v++) {
                        assertEquals(0, Math.abs(gradient[c * 2 * HALF + v]), name + ", seed " + seed + ", voxel " + v);
                    }
                }
            }
        }
    }
}
