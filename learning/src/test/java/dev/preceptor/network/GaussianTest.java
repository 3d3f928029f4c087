package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GaussianTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Gaussian of(double mean, double variance) {
        return new Gaussian(
                Tensors.of(new float[] {(float) mean}, 1), Tensors.of(new float[] {(float) Math.log(variance)}, 1));
    }

    private static double number(Tensor tensor) {
        return tensor.item().toDouble();
    }

    /**
     * Computed by hand: experts N(1, 1), N(2, 1/2), N(-1, 1/4), N(4, 2) and the prior N(0, 1). The precisions are 1, 2, 4, 1/2 and 1;
     * the mean is the sum of precision times mean, 1, 5, 1, 3, divided by the sum of the precisions.
     */
    @ParameterizedTest
    @CsvSource({"1, 0.5, 0.5", "2, 1.25, 0.25", "3, 0.125, 0.125", "4, 0.35294118, 0.11764706"})
    void theProductOfOneToFourExpertsWithThePriorIsThatComputedByHand(int count, double mean, double variance) {
        try (PointerScope scope = new PointerScope()) {
            List<Gaussian> experts = new ArrayList<>(List.of(of(1, 1), of(2, 0.5), of(-1, 0.25), of(4, 2)));
            Gaussian product = Gaussian.product(experts.subList(0, count));
            assertEquals(mean, number(product.mean()), 1e-6);
            assertEquals(variance, Math.exp(number(product.logVariance())), 1e-6);
        }
    }

    /** The closed form log(s1 / s0) + (s0^2 + (m0 - m1)^2) / (2 s1^2) - 1/2, for N(1, 4) and N(-1, 9). */
    @Test
    void divergencesAreThoseOfTheClosedForm() {
        try (PointerScope scope = new PointerScope()) {
            assertEquals(Math.log(3 / 2.0) + (4 + 4) / 18.0 - 0.5, number(of(1, 4).divergenceFrom(of(-1, 9))), 1e-6);
            assertEquals(Math.log(1 / 2.0) + (4 + 1) / 2.0 - 0.5, number(of(1, 4).divergenceFromPrior()), 1e-6);
            assertEquals(0, number(of(1, 4).divergenceFrom(of(1, 4))), 1e-6);
        }
    }
}
