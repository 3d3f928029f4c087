package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TargetsTest {
    private static final List<LabelClass> CLASSES =
            IntStream.range(0, 4).mapToObj(i -> new LabelClass("class " + i)).toList();

    /** Four regions: 0 to 3, 1 to 3, 2 and 3, which nest, and 0 with 2, which crosses them. */
    private static final LabelSpace CROSSING = new LabelSpace(
            "CROSSING",
            Map.of(1, CLASSES.get(0), 2, CLASSES.get(1), 3, CLASSES.get(2), 4, CLASSES.get(3)),
            CLASSES,
            List.of(
                    new Region("all", Set.copyOf(CLASSES), CLASSES.get(0)),
                    new Region("core", Set.copyOf(CLASSES.subList(1, 4)), CLASSES.get(1)),
                    new Region("inner", Set.copyOf(CLASSES.subList(2, 4)), CLASSES.get(3)),
                    new Region("cross", Set.of(CLASSES.get(0), CLASSES.get(2)), CLASSES.get(2))));

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void theTargetOfARegionHoldsTheVoxelsOfItsClasses() {
        try (PointerScope scope = new PointerScope()) {
            Tensor classes = Tensors.of(new byte[] {0, 1, 2, 3, 4}, 1, 5, 1, 1).to(torch.ScalarType.Long);
            Targets targets = new Targets(TargetEncoding.REGIONS, CROSSING);
            assertEquals(4, targets.channels());
            assertArrayEquals(
                    new float[] {0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0},
                    Tensors.toFloats(targets.target(classes)));
        }
    }

    @Test
    void regionsOfClassesAreSumsOfTheirProbabilities() {
        try (PointerScope scope = new PointerScope()) {
            for (LabelSpace space : List.of(LabelSpace.BRATS_2024, LabelSpace.BRATS_PED_2024, LabelSpace.BRATS_2018)) {
                Targets targets = new Targets(TargetEncoding.CLASSES, space);
                torch.manual_seed(4);
                Tensor logits = torch.randn(2, targets.channels(), 3, 2, 2);
                Tensor classes = torch.softmax(logits, 1);
                Tensor regions = targets.probabilities(logits);
                Tensor odds = targets.regionLogits(logits).sigmoid();
                for (int r = 0; r < space.regions().size(); r++) {
                    Tensor sum = torch.zeros(2, 3, 2, 2);
                    for (int number : space.numbersByRegion().get(r)) {
                        sum = sum.add(classes.select(1, number));
                    }
                    float[] expected = Tensors.toFloats(sum);
                    assertArrayEquals(expected, Tensors.toFloats(regions.select(1, r)), 1e-6f, space.name());
                    assertArrayEquals(expected, Tensors.toFloats(odds.select(1, r)), 1e-5f, space.name());
                }
                Tensor masks = targets.masks(targets.target(logits.argmax(new LongOptional(1), false))
                        .mul(new Scalar(9.0)));
                assertArrayEquals(
                        Tensors.toFloats(targets.masks(logits).to(torch.ScalarType.Float)),
                        Tensors.toFloats(masks.to(torch.ScalarType.Float)));
            }
        }
    }

    @Test
    void classesAreRefusedWhereRegionsCross() {
        String message = assertThrows(InvalidRecipeException.class, () -> new Targets(TargetEncoding.CLASSES, CROSSING))
                .getMessage();
        assertEquals(
                "the outputs CLASSES cannot tell the regions of CROSSING apart: core and cross overlap and none contains the"
                        + " other; use the outputs REGIONS",
                message);
    }
}
