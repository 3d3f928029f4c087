package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.network.RecomputedOp.Recomputation;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReflectPadTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Tensor row(float... values) {
        return Tensors.of(values, 1, 1, 1, 1, values.length);
    }

    private static float[] padded(int kernel, float... values) {
        Tensor z = new ReflectPad(kernel).apply(List.of(row(values)));
        long middle = (kernel - 1) / 2;
        return Tensors.toFloats(z.select(2, middle).select(2, middle).flatten(0, 2));
    }

    @Test
    void theOutermostVoxelIsNotRepeated() {
        try (PointerScope scope = new PointerScope()) {
            assertArrayEquals(new float[] {2, 1, 2, 3, 2}, padded(3, 1, 2, 3));
            assertArrayEquals(new float[] {3, 2, 1, 2, 3, 2, 1}, padded(5, 1, 2, 3));
            assertArrayEquals(new float[] {2, 1, 2, 3, 4, 3, 2}, padded(4, 1, 2, 3, 4));
        }
    }

    @Test
    void anImageNarrowerThanThePaddingRepeatsItsFarthestVoxel() {
        try (PointerScope scope = new PointerScope()) {
            assertArrayEquals(new float[] {1, 1, 1}, padded(3, 1));
            assertArrayEquals(new float[] {2, 2, 1, 2, 1, 1}, padded(5, 1, 2));
        }
    }

    /** The gradient is the transposed map: (pad x, g) = (x, backward g). */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 7})
    void theGradientIsThatOfTheReflection(int kernel) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            torch.manual_seed(1);
            Tensor x = torch.randn(2, 3, 5, 2, 1);
            Recomputation again = new ReflectPad(kernel).recompute(List.of(x), List.of(), List.of(true));
            Tensor y = again.output().get();
            Tensor gradient = torch.randn(Tensors.shape(y));
            double forward = y.mul(gradient).sum().item().toDouble();
            Tensor back = again.backward().apply(gradient).get(0);
            assertEquals(forward, x.mul(back).sum().item().toDouble(), 1e-4 * Math.max(1, Math.abs(forward)));
        }
    }
}
