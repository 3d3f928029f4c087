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
import dev.preceptor.network.Parameters;
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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KdNetTest {
    private static final NetworkSettings NETWORK =
            new NetworkSettings("network", "unet", Map.of("widths", List.of(2, 4)));

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"response\": \"DICE_SEMIMETRIC\", \"supervision\": \"FULL\", \"temperature\": 1}",
                "{\"response\": \"BERNOULLI_KL\", \"outputs\": \"CLASSES\"}",
            })
    void theStudentsLossReachesTheStudentAlone(String distillation) {
        try (PointerScope scope = new PointerScope();
                Method method = method(distillation)) {
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
    void theCheckpointOfAVersionWithoutRampIsResumed() {
        try (Method method = method("{}")) {
            Phase student = method.phases().get(1);
            student.loadState(Map.of());
            assertEquals(Map.of("ramp", List.of(0.0)), student.state());
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
    void withFullSupervisionTheLabelsHaveTheWeightOne() {
        try (PointerScope scope = new PointerScope();
                Method method = method("{\"lambda\": 0.3, \"alpha\": 2, \"supervision\": \"FULL\"}")) {
            Map<String, Double> values =
                    method.phases().get(1).validate(batch()).losses().values();
            double expected = 0.3 * values.get("kd") + values.get("gt") + 2 * values.get("kl");
            assertEquals(expected, values.get("loss"), 1e-5 * expected);
            assertEquals(values.get("gt"), LossTerms.supervised(values));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"ramp\": 3}",
                "{\"ramp\": 3, \"terms\": [\"GT\", \"KD\"]}",
                "{\"regionWeights\": \"ADVANTAGE\"}"
            })
    void theMonitoredLossChangesWithTheWeightsOfTheStudentAlone(String distillation) {
        try (PointerScope scope = new PointerScope();
                Method method = method(distillation);
                Method constant = method(distillation.contains("terms") ? "{\"terms\": [\"GT\", \"KD\"]}" : "{}")) {
            Phase phase = method.phases().get(1);
            Map<String, Double> expected =
                    constant.phases().get(1).validate(batch()).losses().values();
            for (int epoch = 0; epoch < 4; epoch++) {
                assertEquals(expected, phase.validate(batch()).losses().values(), "epoch " + epoch);
                phase.regionAdvantage().ifPresent(advantage -> {
                    advantage.scoreTeachers(Map.of("WT", 0.9, "TC", 0.8, "ET", 0.7));
                    advantage.scoreStudent(Map.of("WT", 0.9, "TC", 0.79, "ET", 0.1));
                });
                phase.endEpoch();
            }
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

    @Nested
    class WithATeacherOfAnotherNetwork {
        private static final NetworkSettings LARGER =
                new NetworkSettings("teacherNetwork", "resunet", Map.of("widths", List.of(4, 6, 8)));

        private static Method method(String distillation) {
            return Methods.named("kd-net").create(setup("kd-net", List.of(Sequence.BRATS), LARGER, distillation));
        }

        @Test
        void theStudentsLossReachesTheStudentAndTheProjectionAlone() {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{}")) {
                Parameters projection = method.auxiliaryParameters().get("projection");
                assertArrayEquals(
                        new long[] {8, 2, 1, 1, 1},
                        Tensors.shape(projection.asMap().get("conv.weight")));
                Phase phase = method.phases().get(1);
                LossTerms terms = phase.step(
                        batch(), (group, losses) -> losses.get(0).get().backward());
                assertTrue(terms.values().get("kl") > 0);
                Parameters teacher = method.roles().get(0).network().parameters();
                teacher.asMap()
                        .forEach((name, weight) -> assertFalse(weight.grad().defined(), name));
                phase.parameterGroups()
                        .get("student")
                        .weights()
                        .forEach((name, weight) -> assertTrue(weight.grad().defined(), name));
            }
        }

        @Test
        void theProjectionIsTrainedWithTheStudentAndIsNoPartOfAModel() {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{}")) {
                Set<String> trained = method.phases()
                        .get(1)
                        .parameterGroups()
                        .get("student")
                        .weights()
                        .keySet();
                assertTrue(trained.containsAll(
                        Set.of("projection.conv.weight", "projection.conv.bias", "student.head.weight")));
                assertEquals(
                        List.of("teacher", "student"),
                        method.roles().stream().map(Role::name).toList());
            }
        }

        @Test
        void theStudentBeginsWithTheWeightsThatItHasBesideATeacherOfItsOwnNetwork() {
            try (PointerScope scope = new PointerScope();
                    Method larger = method("{}");
                    Method same = KdNetTest.method("{}")) {
                Map<String, Tensor> expected =
                        same.roles().get(1).network().parameters().asMap();
                larger.roles()
                        .get(1)
                        .network()
                        .parameters()
                        .asMap()
                        .forEach((name, weight) -> assertArrayEquals(
                                Tensors.toFloats(expected.get(name)), Tensors.toFloats(weight), name));
                assertEquals(Map.of(), same.auxiliaryParameters());
            }
        }

        @Test
        void withoutTheBottleneckLossThereIsNoProjection() {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{\"terms\": [\"GT\", \"KD\"]}")) {
                assertEquals(Map.of(), method.auxiliaryParameters());
                assertEquals(
                        List.of("loss", "gt", "kd"),
                        List.copyOf(method.phases()
                                .get(1)
                                .validate(batch())
                                .losses()
                                .values()
                                .keySet()));
            }
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "resunet | [4, 6, 8] | 1 | distillation.deepSupervision asks for more heads than there are decoder stages below"
                            + " the full resolution: network.heads of unet must be a whole number from 0 to 0, not 1",
                    "resunet | [4, 6] | 1 | distillation.deepSupervision asks for more heads than there are decoder stages below the"
                            + " full resolution: teacherNetwork.heads of resunet must be a whole number from 0 to 0, not 1",
                    "resunet | [4] | 0 | teacherNetwork.widths of resunet must be 2 to 7 numbers of channels, not [4]",
                    "wizard | [4, 6] | 0 | teacherNetwork.name must be one of multiresunet, nnunet, ",
                })
        void anInvalidNetworkIsNamedByItsKey(String name, String widths, int heads, String message) {
            NetworkSettings teacher = new NetworkSettings(
                    "teacherNetwork",
                    name,
                    Map.of("widths", Settings.JSON.convertValue(Settings.JSON.readTree(widths), List.class)));
            MethodSetup setup =
                    setup("kd-net", List.of(Sequence.BRATS), teacher, "{\"deepSupervision\": " + heads + "}");
            String refusal = assertThrows(
                            InvalidRecipeException.class,
                            () -> Methods.named("kd-net").create(setup))
                    .getMessage();
            assertTrue(refusal.startsWith(message.strip()), refusal);
        }
    }

    private static Method method(String distillation) {
        return Methods.named("kd-net").create(setup("kd-net", List.of(Sequence.BRATS), distillation));
    }

    private static MethodSetup setup(String method, List<List<Sequence>> teachers, String distillation) {
        return setup(method, teachers, NETWORK, distillation);
    }

    private static MethodSetup setup(
            String method, List<List<Sequence>> teachers, NetworkSettings teacherNetwork, String distillation) {
        return new MethodSetup(
                List.of(Sequence.T1CE),
                List.of(),
                teachers,
                List.of(),
                LabelSpace.BRATS_2018,
                NETWORK,
                teacherNetwork,
                EnsembleSettings.SINGLE,
                List.of(),
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
