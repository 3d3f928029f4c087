package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.spi.Methods;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Parameters;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
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

/** The order of updates, the flow of gradients and the weights of MTCM-KD (docs/methods/mtcm-kd.md). */
class MtcmKdTest {
    private static final List<List<Sequence>> TEACHERS =
            List.of(List.of(Sequence.FLAIR), List.of(Sequence.T2), List.of(Sequence.T1));

    @BeforeAll
    static void open() {
        Torch.open();
    }

    /** Runs the backward passes as the trainer does, without an optimizer step. */
    private static void backward(List<Supplier<LossTerm>> losses) {
        losses.forEach(loss -> loss.get().backward());
    }

    @Nested
    class AStep {
        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void updatesTheTeachersFirstAndThenTheStudent(boolean oneByOne) {
            List<String> order = new ArrayList<>();
            try (PointerScope scope = new PointerScope();
                    Method method = method("{\"oneByOne\": " + oneByOne + "}")) {
                phase(method).step(batch(1), (group, losses) -> {
                    order.add(group);
                    backward(losses);
                });
            }
            assertEquals(List.of("teachers", "student"), order);
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void theTeachersLossTrainsFusionAndTeachersAndNothingElse(boolean oneByOne) {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{\"oneByOne\": " + oneByOne + "}")) {
                phase(method).step(batch(1), (group, losses) -> {
                    if (group.equals("teachers")) {
                        backward(losses);
                    }
                });
                assertTrue(gradients(method.auxiliaryParameters().get("fusion-1")) > 0);
                for (Role role : method.roles()) {
                    double size = gradients(role.network().parameters());
                    assertEquals(!role.name().equals("student"), size > 0, role.name());
                }
            }
        }

        @Test
        void theStudentsLossReachesTheStudentAlone() {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{}")) {
                Phase phase = phase(method);
                phase.endEpoch();
                phase.step(batch(1), (group, losses) -> {
                    if (group.equals("student")) {
                        backward(losses);
                    }
                });
                assertEquals(0, gradients(method.auxiliaryParameters().get("fusion-1")));
                for (Role role : method.roles()) {
                    double size = gradients(role.network().parameters());
                    assertEquals(role.name().equals("student"), size > 0, role.name());
                }
            }
        }

        /** Without the teachers' own losses, their gradients come through the fusion alone. */
        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void theFusedLossReachesTheEncoderOfEveryTeacher(boolean oneByOne) {
            double[] with =
                    encoderGradients(oneByOne, "[{\"fusion\": 1, \"student\": 0, \"labels\": 0, \"knowledge\": 0}]");
            double[] without =
                    encoderGradients(oneByOne, "[{\"fusion\": 0, \"student\": 0, \"labels\": 0, \"knowledge\": 0}]");
            for (int k = 0; k < with.length; k++) {
                assertTrue(Math.abs(with[k] - without[k]) > 1e-3 * without[k], "teacher " + k);
            }
        }

        private double[] encoderGradients(boolean oneByOne, String levels) {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{\"oneByOne\": " + oneByOne + ", \"levels\": " + levels + "}")) {
                phase(method).step(batch(1), (group, losses) -> backward(losses));
                return method.roles().stream()
                        .filter(role -> !role.name().equals("student"))
                        .mapToDouble(role -> role.network()
                                .parameters()
                                .asMap()
                                .get("stem.conv2.weight")
                                .grad()
                                .norm()
                                .item()
                                .toDouble())
                        .toArray();
            }
        }

        @Test
        void oneTeacherAfterTheOtherGivesTheSameGradientsAsAllTogether() {
            String levels = "\"levels\": [{\"fusion\": 0.5, \"student\": 0.1, \"labels\": 0.7, \"knowledge\": 0.3},"
                    + "{\"fusion\": 0.3, \"student\": 0.1, \"labels\": 0.6, \"knowledge\": 0.4}]}";
            try (PointerScope scope = new PointerScope();
                    Method together = method("{\"oneByOne\": false, " + levels);
                    Method apart = method("{\"oneByOne\": true, " + levels)) {
                phase(together).step(batch(2), (group, losses) -> backward(losses));
                phase(apart).step(batch(2), (group, losses) -> backward(losses));
                for (int i = 0; i < together.roles().size(); i++) {
                    assertSameGradients(
                            together.roles().get(i).network().parameters(),
                            apart.roles().get(i).network().parameters());
                }
                together.auxiliaryParameters()
                        .forEach((name, fusion) -> assertSameGradients(
                                fusion, apart.auxiliaryParameters().get(name)));
            }
        }

        private void assertSameGradients(Parameters some, Parameters others) {
            some.asMap().forEach((name, weight) -> {
                Tensor other = others.asMap().get(name).grad();
                assertEquals(weight.grad().defined(), other.defined(), name);
                if (weight.grad().defined()) {
                    float largest = weight.grad().abs().max().item().toFloat();
                    assertArrayEquals(
                            Tensors.toFloats(weight.grad()), Tensors.toFloats(other), 1e-6f + 1e-4f * largest, name);
                }
            });
        }
    }

    @Nested
    class TheConfidence {
        @Test
        void ofAnEpochComesFromTheOneBefore() {
            try (PointerScope scope = new PointerScope();
                    Method method =
                            method("{\"response\": {\"weight\": 0.15}, \"confidence\": {\"perRegion\": false}}")) {
                Phase phase = phase(method);
                Map<String, Double> first = values(phase, 1);
                Map<String, Double> second = values(phase, 2);
                assertEquals(0.1, first.get("weight_t2"));
                assertEquals(0.1, second.get("weight_t2"), "a weight changed within an epoch");
                phase.endEpoch();
                Map<String, Double> next = values(phase, 3);
                double sum = next.get("weight_flair") + next.get("weight_t2") + next.get("weight_t1");
                assertEquals(0.15, sum, 1e-12);
                assertNotEquals(next.get("weight_flair"), next.get("weight_t2"));
            }
        }

        /** Dice 0.82, 0.88, 0.90 and tau 0.15. */
        @Test
        void isTheTeachersShareOfTheSumOfScores() {
            try (PointerScope scope = new PointerScope()) {
                TeacherWeights confidence = new TeacherWeights(
                        new MtcmKdOptions.Confidence(MtcmKdOptions.TeacherScore.DICE, false, List.of("WT"), 0.1),
                        BratsTargets.REGIONS.regionNames(),
                        0.15,
                        3);
                int[] both = {82, 88, 90};
                for (int k = 0; k < 3; k++) {
                    confidence.add(k, masks(both[k], 100 - both[k], 0), masks(both[k], 0, 100 - both[k]));
                }
                confidence.endEpoch();
                assertEquals(0.0473076923, confidence.of(0)[0], 1e-9);
                assertEquals(0.0507692308, confidence.of(1)[0], 1e-9);
                assertEquals(0.0519230769, confidence.of(2)[0], 1e-9);
            }
        }

        /** Masks with these numbers of voxels: in both, in the first alone, in the second alone. */
        private Tensor masks(int shared, int first, int second) {
            float[] voxels = new float[3 * 300];
            for (int r = 0; r < 3; r++) {
                for (int i = 0; i < shared + first + second; i++) {
                    boolean isOfSecond = i >= shared + first;
                    voxels[r * 300 + (isOfSecond ? 200 + i - shared - first : i)] = 1;
                }
            }
            return Tensors.of(voxels, 1, 3, 300, 1, 1).gt(new Scalar(0.5));
        }

        @Test
        void isEqualForTeachersThatPredictNothing() {
            try (PointerScope scope = new PointerScope()) {
                TeacherWeights confidence = new TeacherWeights(
                        new MtcmKdOptions.Confidence(MtcmKdOptions.TeacherScore.DICE, true, List.of("WT"), 0.1),
                        BratsTargets.REGIONS.regionNames(),
                        1,
                        2);
                for (int k = 0; k < 2; k++) {
                    confidence.add(k, masks(0, 0, 0), masks(0, 0, 40));
                }
                confidence.endEpoch();
                assertArrayEquals(new double[] {0.5, 0.5, 0.5}, confidence.of(0), 1e-12);
            }
        }

        @Test
        void isPartOfThePhasesState() {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{}");
                    Method other = method("{}")) {
                Phase phase = phase(method);
                values(phase, 1);
                phase.endEpoch();
                values(phase, 2);
                Phase resumed = phase(other);
                resumed.loadState(phase.state());
                assertEquals(phase.state(), resumed.state());
                assertEquals(values(phase, 3), values(resumed, 3));
            }
        }

        private Map<String, Double> values(Phase phase, int seed) {
            return phase.step(batch(seed), (group, losses) -> backward(losses)).values();
        }
    }

    @Nested
    class ABalancedTerm {
        @Test
        void equalsTheSupervisedTermWhenDistillationBegins() {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{\"response\": {\"balanced\": true}, \"levels\": []}")) {
                Phase phase = phase(method);
                Map<String, Double> before = phase.step(batch(1), (group, losses) -> backward(losses))
                        .values();
                assertEquals(before.get("gt"), before.get("loss"));
                phase.endEpoch();
                Map<String, Double> after = phase.step(batch(1), (group, losses) -> backward(losses))
                        .values();
                assertEquals(2 * 0.75 * after.get("gt"), after.get("loss"), 0.05 * after.get("loss"));
            }
        }
    }

    @Nested
    class Networks {
        @Test
        void haveThePapersNumberOfWeights() {
            try (Method method = Methods.named("mtcm-kd")
                    .create(setup(TEACHERS, List.of(32, 64, 128, 256), "{}", List.of(Sequence.T1CE)))) {
                // Without the unused head at a quarter of the resolution, 128 * 4 + 4 weights, and for teachers without
                // both.
                long student = method.roles().get(3).network().parameters().count();
                assertEquals(9_459_478, student + 128 * 4 + 4);
                assertEquals(2540, method.auxiliaryParameters().get("fusion-1").count());
            }
        }

        @Test
        void withoutDistillationAreTheStudentAlone() {
            try (Method method = method("{\"response\": {\"weight\": 0}, \"levels\": []}")) {
                assertEquals(
                        List.of("student"),
                        method.roles().stream().map(Role::name).toList());
                assertEquals(1, method.phases().size());
            }
        }

        @Test
        void trainedFirstAreFrozenBesideTheStudent() {
            try (PointerScope scope = new PointerScope();
                    Method method = method("{\"teachers\": \"FIRST\"}")) {
                assertEquals(
                        List.of("teacher-flair", "teacher-t2", "teacher-t1", "student"),
                        method.phases().stream().map(p -> p.leading().name()).toList());
                Phase last = method.phases().get(3);
                last.step(batch(1), (group, losses) -> backward(losses));
                assertTrue(gradients(method.auxiliaryParameters().get("fusion-1")) > 0);
                assertFalse(last.parameterGroups().get("teachers").weights().keySet().stream()
                        .anyMatch(name -> name.startsWith("teacher")));
                assertEquals(0, gradients(method.roles().get(0).network().parameters()));
            }
        }

        @Test
        void ofTeachersMayHaveSeveralSequences() {
            List<List<Sequence>> teachers = List.of(Sequence.BRATS, List.of(Sequence.T2, Sequence.FLAIR));
            try (PointerScope scope = new PointerScope();
                    Method method = Methods.named("mtcm-kd")
                            .create(setup(teachers, List.of(4, 8, 16), "{}", List.of(Sequence.T1)))) {
                assertEquals(
                        List.of("teacher-t1-t1ce-t2-flair", "teacher-t2-flair", "student"),
                        method.roles().stream().map(Role::name).toList());
                phase(method).step(batch(1), (group, losses) -> backward(losses));
            }
        }
    }

    @Nested
    class Refused {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '"',
                value = {
                    "\"\" | {} | teachers must name the sequences of at least one teacher for the method mtcm-kd",
                    "T1CE | {} | teachers must each have a sequence that the student lacks; the teacher [T1CE] has only sequences of",
                    "T2,T2 | {} | teachers must differ in their sequences, not [[T2], [T2]]",
                    "T2 | {levels: [{fusion: 1, student: 1, labels: 1, knowledge: 1}, {fusion: 1, student: 1, labels: 1,"
                            + " knowledge: 1}, {fusion: 1, student: 1, labels: 1, knowledge: 1}]} | distillation.levels must have at"
                            + " most 2 entries, the decoder levels below full resolution of the teacher-t2, not 3",
                    "T2 | {levels: 3} | distillation.levels.[0] must be a block of the keys fusion, student, labels, knowledge",
                    "T2 | {begins: 0} | distillation.begins must be a number of epochs from 1, not 0",
                    "T2 | {response: {temperature: 0}} | distillation.response.temperature must be a number above 0, not 0.0",
                    "T2 | {confidence: {regions: [XX]}} | distillation.confidence.regions must be empty or one or more of WT, TC, ET, not [XX]",
                })
        void anInvalidRecipe(String teachers, String distillation, String message) {
            List<List<Sequence>> sequences = teachers.isEmpty()
                    ? List.of()
                    : Stream.of(teachers.split(","))
                            .map(name -> List.of(new Sequence(name)))
                            .toList();
            String found = assertThrows(
                            InvalidRecipeException.class,
                            () -> Methods.named("mtcm-kd")
                                    .create(setup(
                                            sequences,
                                            List.of(4, 8, 8, 8),
                                            json(distillation),
                                            List.of(Sequence.T1CE))))
                    .getMessage();
            assertTrue(found.startsWith(message), found);
            assertEquals(1, found.lines().count());
        }

        private static String json(String yaml) {
            return yaml.replaceAll("([a-zA-Z]+):", "\"$1\":").replaceAll("\\[XX\\]", "[\"XX\"]");
        }
    }

    @Nested
    class TeachersOfAnotherNetwork {
        private static final String TWO_LEVELS =
                "{\"levels\": [{\"fusion\": 1, \"student\": 1, \"labels\": 1, \"knowledge\": 1},"
                        + " {\"fusion\": 1, \"student\": 1, \"labels\": 1, \"knowledge\": 1}]}";

        private static Method method(List<Integer> student, List<Integer> teacher) {
            return Methods.named("mtcm-kd")
                    .create(setup(
                            TEACHERS,
                            new NetworkSettings("network", "resunet", Map.of("widths", student)),
                            new NetworkSettings("teacherNetwork", "unet", Map.of("widths", teacher)),
                            TWO_LEVELS,
                            List.of(Sequence.T1CE)));
        }

        @Test
        void areFusedFromTheirOwnChannelsAtTheResolutionsOfTheStudentsHeads() {
            try (PointerScope scope = new PointerScope();
                    Method method = method(List.of(4, 4, 4, 4), List.of(6, 10, 14, 18, 18))) {
                assertArrayEquals(
                        new long[] {4, 6, 1, 1, 1},
                        Tensors.shape(method.auxiliaryParameters()
                                .get("fusion-1")
                                .asMap()
                                .get("evidence.0.weight")));
                assertArrayEquals(
                        new long[] {4, 10, 1, 1, 1},
                        Tensors.shape(method.auxiliaryParameters()
                                .get("fusion-2")
                                .asMap()
                                .get("evidence.0.weight")));
                Map<String, Double> terms = phase(method)
                        .step(
                                batch(1),
                                (group, losses) ->
                                        losses.forEach(loss -> loss.get().backward()))
                        .values();
                assertTrue(terms.get("deep2_kd") > 0, terms + "");
                method.roles()
                        .forEach(role -> assertTrue(gradients(role.network().parameters()) > 0, role.name()));
            }
        }

        @Test
        void mustHaveTheDecoderLevelsThatAreCompared() {
            assertRefused(
                    List.of(4, 4, 4, 4),
                    List.of(6, 10, 14),
                    "distillation.levels must have at most 1 entries, the decoder levels below full resolution of the"
                            + " teacher-flair, not 2: teacher-flair (unet {heads=0, skips=2, widths=[6, 10, 14]}),"
                            + " student (resunet {widths=[4, 4, 4, 4]})");
            assertRefused(
                    List.of(4, 4, 4),
                    List.of(6, 10, 14, 18),
                    "distillation.levels has 2 entries, but the student has fewer decoder levels below full resolution than"
                            + " teacher-flair (unet {heads=0, skips=3, widths=[6, 10, 14, 18]}),");
        }

        private static void assertRefused(List<Integer> student, List<Integer> teacher, String message) {
            String found = assertThrows(InvalidRecipeException.class, () -> method(student, teacher))
                    .getMessage();
            assertTrue(found.startsWith(message), found);
            assertEquals(1, found.lines().count());
        }
    }

    private static double gradients(Parameters parameters) {
        return parameters.asMap().values().stream()
                .filter(weight -> weight.grad().defined())
                .mapToDouble(weight -> weight.grad().norm().item().toDouble())
                .sum();
    }

    private static Phase phase(Method method) {
        return method.phases().get(0);
    }

    private static Method method(String distillation) {
        return Methods.named("mtcm-kd")
                .create(setup(TEACHERS, List.of(4, 8, 16, 16), distillation, List.of(Sequence.T1CE)));
    }

    private static MethodSetup setup(
            List<List<Sequence>> teachers, List<Integer> widths, String distillation, List<Sequence> student) {
        NetworkSettings network = new NetworkSettings("network", "resunet", Map.of("widths", widths));
        return setup(teachers, network, network, distillation, student);
    }

    private static MethodSetup setup(
            List<List<Sequence>> teachers,
            NetworkSettings network,
            NetworkSettings teacherNetwork,
            String distillation,
            List<Sequence> student) {
        return new MethodSetup(
                student,
                List.of(),
                teachers,
                List.of(),
                LabelSpace.BRATS_2018,
                network,
                teacherNetwork,
                EnsembleSettings.SINGLE,
                List.of(),
                Methods.named("mtcm-kd").resolve(Settings.JSON.readTree(distillation)),
                Computation.PLAIN,
                new RandomStreams(5),
                Torch.device("cpu"),
                GlobalBatchSum.LOCAL);
    }

    private static Batch batch(int seed) {
        torch.manual_seed(seed);
        Tensor classes = torch.rand(2, 16, 16, 16).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
        return new Batch(Sequence.BRATS, torch.randn(2, 4, 16, 16, 16), classes);
    }
}
