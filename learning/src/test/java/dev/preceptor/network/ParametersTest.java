package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ParametersTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Parameters parameters(float... values) {
        Parameters parameters = new Parameters();
        try (PointerScope scope = new PointerScope()) {
            parameters.declare("w", Tensors.of(values, values.length));
        }
        return parameters;
    }

    private static Tensor w(Parameters parameters) {
        return parameters.asMap().get("w");
    }

    @Test
    void aTiedWeightIsOneTensorWithTheSumOfTheGradients() {
        try (PointerScope scope = new PointerScope();
                Parameters one = parameters(1, 2);
                Parameters other = parameters(3, 4)) {
            Tensor handle = w(one);
            one.tie(List.of("w"), other);
            assertTrue(w(one).is_same(w(other)));
            assertArrayEquals(new float[] {3, 4}, Tensors.toFloats(handle));
            handle.sum().backward();
            w(other).square().sum().backward();
            assertArrayEquals(new float[] {7, 9}, Tensors.toFloats(w(one).grad()));
            one.moveTo(Torch.device("cpu"));
            one.clearGradients();
            assertTrue(!w(other).grad().defined());
        }
    }

    /** In either order, twice, while the other is in use. */
    @Test
    void aTiedWeightLivesUntilBothAreClosed() {
        for (boolean ownFirst : new boolean[] {true, false}) {
            Parameters one = parameters(1, 2);
            Parameters other = parameters(3, 4);
            one.tie(List.of("w"), other);
            Parameters first = ownFirst ? one : other;
            Parameters second = ownFirst ? other : one;
            first.close();
            first.close();
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                assertEquals(7, w(second).sum().item().toDouble());
                assertEquals(1, w(second).use_count());
            }
            second.close();
            second.close();
        }
    }

    @Test
    void includedWeightsLiveUntilBothAreClosed() {
        Parameters part = parameters(1, 2);
        Parameters all = new Parameters();
        all.include("part.", part);
        part.close();
        try (PointerScope scope = new PointerScope()) {
            assertEquals(3, all.asMap().get("part.w").sum().item().toDouble());
        }
        all.close();
        all.close();
    }

    @Test
    void weightsOfOtherShapesCannotBeTied() {
        try (Parameters one = parameters(1, 2);
                Parameters other = parameters(3)) {
            String message = assertThrows(MismatchException.class, () -> one.tie(List.of("w"), other))
                    .getMessage();
            assertEquals("the weight w cannot be shared: it is [2] and [1]", message);
            assertEquals(2, w(one).numel());
        }
    }
}
