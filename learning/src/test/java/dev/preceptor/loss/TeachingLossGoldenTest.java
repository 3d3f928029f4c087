package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.data.Sample;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.PatchEmbedding;
import dev.preceptor.network.SegmentationCritic;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The losses that teach a student, against PyTorch in float64; make_distillation_fixture.py computes the values. */
class TeachingLossGoldenTest {
    private static final double RELATIVE = 1e-5;

    private static Safetensors golden;

    @BeforeAll
    static void open() {
        Torch.open();
        golden = GoldenFiles.read("distillation.safetensors");
    }

    @TestFactory
    Stream<DynamicTest> valuesAndGradientsEqualPyTorch() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String labels : List.of("whole", "partial")) {
            for (TargetEncoding encoding : TargetEncoding.values()) {
                ofLogits(encoding, labels).forEach((loss, function) -> {
                    String name = loss + "/" + encoding + "/" + labels;
                    tests.add(DynamicTest.dynamicTest(name, () -> check(name, "logits/" + encoding, function)));
                });
            }
            BinaryOperator<Tensor> prototypes =
                    (student, teacher) -> new PrototypeRelations(4).loss(student, teacher, array("labels/" + labels));
            tests.add(DynamicTest.dynamicTest(
                    "prototypes/" + labels, () -> check("prototypes/" + labels, "features", prototypes)));
        }
        tests.add(DynamicTest.dynamicTest(
                "pair",
                () -> check("pair", "coarse", (student, teacher) -> StructuredLosses.pairWise(student, teacher, 5))));
        tests.add(DynamicTest.dynamicTest(
                "contrast",
                () -> check(
                        "contrast",
                        "embeddings",
                        (student, teacher) -> PrivilegedKnowledge.contrast(student, teacher, 1))));
        return tests.stream();
    }

    private static Map<String, BinaryOperator<Tensor>> ofLogits(TargetEncoding encoding, String labels) {
        Targets targets = BratsTargets.of(encoding);
        Map<String, BinaryOperator<Tensor>> losses = new TreeMap<>();
        losses.put("pixel", (s, t) -> new VoxelDivergence(targets, 1).mean(s, t, valid(labels)));
        VoxelDivergence tempered = new VoxelDivergence(targets, 10);
        losses.put(
                "proto-response",
                (s, t) -> tempered.mean(s, t, valid(labels)).div(new Scalar((double) tempered.outcomes())));
        for (LocalConsistency.Compared compared : LocalConsistency.Compared.values()) {
            LocalConsistency consistency = new LocalConsistency(targets, compared);
            losses.put("zero", (s, t) -> consistency.zeroOrder(s, t, valid(labels)));
            losses.put("first-" + compared, (s, t) -> consistency.firstOrder(s, t, valid(labels)));
        }
        losses.put(
                "selective", (s, t) -> new PrivilegedKnowledge(targets, 10).selective(s, t, array("labels/" + labels)));
        return losses;
    }

    private static ValidVoxels valid(String labels) {
        return ValidVoxels.in(array("labels/" + labels));
    }

    private static void check(String name, String inputs, BinaryOperator<Tensor> loss) {
        try (PointerScope scope = new PointerScope()) {
            Tensor student = array(inputs + "/student");
            student.set_requires_grad(true);
            Tensor teacher = array(inputs + "/teacher");
            Tensor value = loss.apply(student, teacher);
            value.backward();
            assertClose(name + "/value", value.view(1));
            assertClose(name + "/gradient", student.grad());
            assertFalse(teacher.grad().defined(), name);
        }
    }

    private static Tensor array(String name) {
        return golden.arrays().get(name).toTensor();
    }

    /** Within 1e-5 of the largest value of the array. */
    private static void assertClose(String name, Tensor found) {
        try (NoGradGuard guard = new NoGradGuard()) {
            Tensor expected = array(name);
            double largest = expected.abs().max().item_double();
            double error =
                    expected.sub(found.to(torch.ScalarType.Double)).abs().max().item_double();
            assertTrue(error <= RELATIVE * largest, name + ": " + error + " of " + largest);
        }
    }

    /** The logits of KdNetLossesTest. */
    @Test
    void theDivergenceOfClassesIsTheKnownSoftmaxKl() {
        try (PointerScope scope = new PointerScope()) {
            double[] s = new double[32];
            double[] t = new double[32];
            for (int i = 0; i < 32; i++) {
                s[i] = Math.sin(0.7 * i + 0.3);
                t[i] = 1.5 * Math.cos(0.5 * i);
            }
            Tensor student = Tensor.create(s, 1, 4, 2, 2, 2);
            Tensor teacher = Tensor.create(t, 1, 4, 2, 2, 2);
            double[] temperatures = {1, 2, 5};
            double[] golden = {0.5557713995, 0.6534572311, 0.6819326835};
            for (int i = 0; i < 3; i++) {
                double value = new VoxelDivergence(BratsTargets.CLASSES, temperatures[i])
                        .mean(student, teacher, ValidVoxels.ALL)
                        .item_double();
                assertEquals(golden[i], temperatures[i] * temperatures[i] * value, 1e-9);
            }
            double regions = new VoxelDivergence(BratsTargets.REGIONS, 5)
                    .mean(student.narrow(1, 0, 3), teacher.narrow(1, 0, 3), ValidVoxels.ALL)
                    .item_double();
            assertEquals(0.0062561811, regions, 1e-9);
        }
    }

    @Test
    void theCriticAndItsGradientPenaltyEqualPyTorch() {
        try (PointerScope scope = new PointerScope()) {
            SegmentationCritic critic = new SegmentationCritic(1, 3, 2, 5);
            critic.parameters().assign(weights("critic/weights/"));
            Tensor images = single("critic/images");
            Tensor student = single("critic/student");
            student.set_requires_grad(true);
            Tensor teacher = single("critic/teacher");
            Tensor scores = critic.scores(images, student);
            assertClose("critic/scores", scores);
            Tensor holistic = StructuredLosses.holistic(scores, critic.scores(images, teacher));
            holistic.backward();
            assertClose("critic/holistic", holistic.view(1));
            assertClose("critic/gradient", student.grad());
            critic.parameters().clearGradients();
            Tensor penalty =
                    StructuredLosses.gradientPenalty(critic, images, student.detach(), teacher, single("critic/share"));
            penalty.backward();
            assertClose("critic/penalty", penalty.view(1));
            Map<String, Tensor> gradients = critic.parameters().asMap();
            for (String name : List.of("conv.0.weight", "conv.1.weight", "conv.2.weight", "score.weight")) {
                assertClose(
                        "critic/penalty-gradient/" + name, gradients.get(name).grad());
            }
            critic.parameters().close();
        }
    }

    @Test
    void theEmbeddingEqualsPyTorch() {
        try (PointerScope scope = new PointerScope()) {
            PatchEmbedding embedding = new PatchEmbedding(2, 5);
            embedding.parameters().assign(weights("embedding/weights/"));
            assertClose("embedding/value", embedding.of(single("embedding/features")));
            embedding.parameters().close();
        }
    }

    private static Tensor single(String name) {
        return array(name).to(torch.ScalarType.Float);
    }

    private static Map<String, Tensor> weights(String prefix) {
        Map<String, Tensor> weights = new TreeMap<>();
        golden.arrays().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> weights.put(name.substring(prefix.length()), single(name)));
        return weights;
    }

    @Test
    void aBatchOfWhichNothingIsKnownTeachesNothing() {
        for (TargetEncoding encoding : TargetEncoding.values()) {
            ofLogits(encoding, "whole").keySet().forEach(name -> {
                try (PointerScope scope = new PointerScope()) {
                    Tensor student = array("logits/" + encoding + "/student");
                    student.set_requires_grad(true);
                    Tensor teacher = array("logits/" + encoding + "/teacher");
                    Tensor labels = torch.full_like(array("labels/whole"), new Scalar((long) Sample.IGNORED));
                    Tensor value = ofNothing(name, encoding, student, teacher, labels);
                    value.backward();
                    assertEquals(0, value.item_double(), name);
                    assertEquals(0, student.grad().abs().max().item_double(), name);
                }
            });
        }
    }

    private static Tensor ofNothing(
            String name, TargetEncoding encoding, Tensor student, Tensor teacher, Tensor labels) {
        Targets targets = BratsTargets.of(encoding);
        ValidVoxels none = ValidVoxels.in(labels);
        return switch (name) {
            case "selective" -> new PrivilegedKnowledge(targets, 10).selective(student, teacher, labels);
            case "zero" ->
                new LocalConsistency(targets, LocalConsistency.Compared.LOGITS).zeroOrder(student, teacher, none);
            case "first-LOGITS", "first-PROBABILITIES" ->
                new LocalConsistency(targets, LocalConsistency.Compared.valueOf(name.substring(6)))
                        .firstOrder(student, teacher, none);
            default -> new VoxelDivergence(targets, 1).mean(student, teacher, none);
        };
    }

    @Test
    void withoutAClassInEveryPatchThereIsNoPrototype() {
        try (PointerScope scope = new PointerScope()) {
            Tensor features = array("features/student");
            features.set_requires_grad(true);
            Tensor labels = array("labels/whole");
            labels.select(0, 0).fill_(new Scalar(1L));
            labels.select(0, 1).fill_(new Scalar(2L));
            Tensor value = new PrototypeRelations(4).loss(features, array("features/teacher"), labels);
            value.backward();
            assertEquals(0, value.item_double());
            assertEquals(0, Tensors.toDoubles(List.of(features.grad().abs().max()))[0]);
        }
    }
}
