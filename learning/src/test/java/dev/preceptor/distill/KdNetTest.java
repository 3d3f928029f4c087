package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.spi.Methods;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Computation;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KdNetTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void theTeacherIsTrainedFirstAndAlone() {
        try (Method method = method("{}")) {
            Phase first = method.phases().get(0);
            assertEquals("teacher", first.leading().name());
            assertEquals(Set.of("teacher"), first.parameterGroups().keySet());
            assertEquals(Sequence.BRATS, first.leading().inputs());
        }
    }

    @Test
    void theStudentsLossReachesTheStudentAlone() {
        try (PointerScope scope = new PointerScope();
                Method method = method("{}")) {
            Phase phase = method.phases().get(1);
            assertEquals(Set.of("student"), phase.parameterGroups().keySet());
            Role teacher = method.roles().get(0);
            LossTerms terms =
                    phase.step(batch(), (group, losses) -> losses.get(0).get().backward());
            assertEquals(
                    List.of("loss", "gt", "kd", "kl"),
                    List.copyOf(terms.values().keySet()));
            teacher.network()
                    .parameters()
                    .asMap()
                    .forEach((name, weight) -> assertFalse(weight.grad().defined(), name));
            method.roles()
                    .get(1)
                    .network()
                    .parameters()
                    .asMap()
                    .forEach((name, weight) -> assertTrue(weight.grad().defined(), name));
        }
    }

    @Test
    void theTotalIsTheWeightedSumOfTheTerms() {
        try (PointerScope scope = new PointerScope();
                Method method = method("{\"lambda\": 0.3, \"alpha\": 2}")) {
            Map<String, Double> values =
                    method.phases().get(1).validate(batch()).losses().values();
            double expected = 0.3 * values.get("kd") + 0.7 * values.get("gt") + 2 * values.get("kl");
            assertEquals(expected, values.get("loss"), 1e-5 * expected);
        }
    }

    @Test
    void studentAndBaselineBeginWithTheSameWeights() {
        try (PointerScope scope = new PointerScope();
                Method distilled = method("{}");
                Method alone = Methods.named("baseline").create(setup("baseline", List.of(), "{}"))) {
            Map<String, Tensor> student =
                    distilled.roles().get(1).network().parameters().asMap();
            alone.roles()
                    .get(0)
                    .network()
                    .parameters()
                    .asMap()
                    .forEach((name, weight) ->
                            assertArrayEquals(Tensors.toFloats(weight), Tensors.toFloats(student.get(name)), name));
        }
    }

    @Test
    void moreThanOneTeacherIsRefused() {
        List<List<Sequence>> two = List.of(List.of(Sequence.T1), List.of(Sequence.T2));
        MethodSetup setup = setup("kd-net", two, "{}");
        String message = assertThrows(
                        InvalidRecipeException.class,
                        () -> Methods.named("kd-net").create(setup))
                .getMessage();
        assertTrue(message.startsWith("teachers must name the sequences of exactly one teacher"), message);
    }

    private static Method method(String distillation) {
        return Methods.named("kd-net").create(setup("kd-net", List.of(Sequence.BRATS), distillation));
    }

    private static MethodSetup setup(String method, List<List<Sequence>> teachers, String distillation) {
        return new MethodSetup(
                List.of(Sequence.T1CE),
                teachers,
                List.of(),
                LabelSpace.BRATS_2018,
                "unet",
                Map.of("widths", List.of(2, 4)),
                Methods.named(method).resolve(Settings.JSON.readTree(distillation)),
                Computation.PLAIN,
                new RandomStreams(5),
                Torch.device("cpu"),
                GlobalBatchSum.LOCAL);
    }

    private static Batch batch() {
        torch.manual_seed(3);
        Tensor classes = torch.rand(1, 8, 8, 8).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
        return new Batch(Sequence.BRATS, torch.randn(1, 4, 8, 8, 8), classes);
    }
}
