package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.network.RecomputedOp.Recomputation;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gradients of the loops beside those of autograd through libtorch's operators. */
class UpsampleConcatTest {
    private static final UpsampleConcat OP = new UpsampleConcat();
    /** The same operation, which autograd differentiates. */
    private static final RecomputedOp BY_AUTOGRAD = OP::apply;

    private static final double TOLERANCE = 1e-5;

    private int threads;

    @BeforeEach
    void open() {
        Torch.open();
        threads = torch.get_num_threads();
    }

    @AfterEach
    void restore() {
        Torch.useThreads(threads);
    }

    private static Tensor random(long... sizes) {
        return torch.randn(sizes).contiguous(torch.MemoryFormat.ChannelsLast3d);
    }

    private static List<float[]> gradients(RecomputedOp op, List<Tensor> inputs, Tensor gradient) {
        List<Boolean> all = inputs.stream().map(input -> true).toList();
        Recomputation recomputation = op.recompute(inputs, List.of(), all);
        return recomputation.backward().apply(gradient).stream()
                .map(tensor -> Tensors.toFloats(tensor.contiguous()))
                .toList();
    }

    @Test
    void gradientsAreThoseOfAutogradForAnyExtentsChannelsAndSkips() {
        for (long seed = 0; seed < 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                torch.manual_seed(seed);
                long batch = random.nextInt(1, 3);
                long[] extents = random.ints(3, 1, 7).asLongStream().toArray();
                List<Tensor> inputs = new ArrayList<>();
                inputs.add(random(batch, random.nextInt(1, 21), extents[0], extents[1], extents[2]));
                for (int skips = random.nextInt(3); skips > 0; skips--) {
                    inputs.add(random(batch, random.nextInt(1, 9), 2 * extents[0], 2 * extents[1], 2 * extents[2]));
                }
                Tensor gradient = torch.randn_like(OP.apply(inputs));
                List<float[]> expected = gradients(BY_AUTOGRAD, inputs, gradient);
                List<float[]> actual = gradients(OP, inputs, gradient);
                assertEquals(expected.size(), actual.size());
                for (int i = 0; i < expected.size(); i++) {
                    assertArrayEquals(
                            expected.get(i), actual.get(i), (float) TOLERANCE, "seed " + seed + ", input " + i);
                }
            }
        }
    }

    @Test
    void gradientsDoNotDependOnTheNumberOfThreads() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            torch.manual_seed(1);
            List<Tensor> inputs = List.of(random(2, 12, 6, 5, 7), random(2, 4, 12, 10, 14));
            Tensor gradient = random(2, 16, 12, 10, 14);
            Torch.useThreads(1);
            List<float[]> alone = gradients(OP, inputs, gradient);
            Torch.useThreads(4);
            List<float[]> together = gradients(OP, inputs, gradient);
            for (int i = 0; i < alone.size(); i++) {
                assertArrayEquals(alone.get(i), together.get(i));
            }
        }
    }

    @Test
    void theGradientOfTheOutputStaysAsItIs() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            List<Tensor> inputs = List.of(random(1, 3, 2, 3, 4), random(1, 2, 4, 6, 8));
            Tensor gradient = random(1, 5, 4, 6, 8);
            float[] before = Tensors.toFloats(gradient.contiguous());
            gradients(OP, inputs, gradient);
            assertArrayEquals(before, Tensors.toFloats(gradient.contiguous()));
        }
    }
}
