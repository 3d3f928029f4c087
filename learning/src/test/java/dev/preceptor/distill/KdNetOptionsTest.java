package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.KdNetOptions.Supervision;
import dev.preceptor.distill.KdNetOptions.Term;
import dev.preceptor.loss.KdNetLosses.BottleneckNormalisation;
import dev.preceptor.loss.KdNetLosses.ResponseComparison;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.Torch;
import java.util.EnumSet;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class KdNetOptionsTest {
    @Test
    void withoutResponseDistillationTheLabelsHaveTheWholeWeight() {
        Torch.open();
        try (PointerScope scope = new PointerScope()) {
            Tensor one = torch.ones(1);
            assertEquals(
                    1 + 10,
                    options(5, EnumSet.of(Term.GT, Term.KL))
                            .total(one, one, one, 1)
                            .item_double(),
                    1e-6);
            assertEquals(
                    0.25 + 0.75 + 10, KdNetOptions.PAPER.total(one, one, one, 1).item_double(), 1e-6);
        }
    }

    @Test
    void aValueOutOfRangeIsRefusedByItsKey() {
        String message = assertThrows(InvalidRecipeException.class, () -> options(0, EnumSet.of(Term.GT)))
                .getMessage();
        assertEquals("distillation.temperature must be a number above 0, not 0.0", message);
    }

    @Test
    void aWeightAboveOneNeedsFullSupervision() {
        Set<Term> all = EnumSet.allOf(Term.class);
        assertEquals(2, options(2, Supervision.FULL, 1, all).lambda());
        String message = assertThrows(InvalidRecipeException.class, () -> options(2, Supervision.COMPLEMENT, 1, all))
                .getMessage();
        assertEquals("distillation.lambda must be a number from 0 to 1, not 2.0", message);
    }

    private static KdNetOptions options(double temperature, Set<Term> terms) {
        return options(0.75, Supervision.COMPLEMENT, temperature, terms);
    }

    private static KdNetOptions options(double lambda, Supervision supervision, double temperature, Set<Term> terms) {
        return new KdNetOptions(
                lambda,
                supervision,
                ResponseComparison.SOFT_DICE,
                temperature,
                10,
                terms,
                TargetEncoding.REGIONS,
                false,
                BottleneckNormalisation.SOFTMAX,
                false,
                SupervisedLoss.DICE_AND_CROSS_ENTROPY,
                0,
                0,
                RegionWeighting.EQUAL,
                0.05);
    }
}
