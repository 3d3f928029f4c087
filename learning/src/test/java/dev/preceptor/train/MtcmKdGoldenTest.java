package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.network.Attention;
import dev.preceptor.network.CooperativeFusion;
import dev.preceptor.network.Features;
import dev.preceptor.network.Initialisation;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.ReferenceNames;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.Weights;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Two training steps of MTCM-KD against those of the reference implementation ({@code golden/mtcm_kd}), taken by the trainer's
 * own {@link PhaseOptimizers}. Gradients are computed from Adam's first moments.
 */
@Tag("integration")
class MtcmKdGoldenTest {
    private static final double FORWARD = 1e-4;
    private static final double LOSS = 1e-4;
    private static final double HARD_DICE = 5e-4;
    private static final double GRADIENT = 1e-3;
    private static final double FINAL = 1e-5;
    private static final double BETA1 = 0.9;

    /** Values below this fraction of the largest of their array are compared as if they were this large. */
    private static final double NEAR_ZERO = 0.05;

    /**
     * The fraction of weights that may differ by more than {@link #FINAL}. Adam moves a weight whose gradient is rounding error by the
     * whole learning rate in either direction, and processors round differently. Even these differ by no more than two
     * steps on each side.
     */
    private static final double ROUNDED = 0.02;

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @TestFactory
    Stream<DynamicTest> twoStepsEqualThoseOfTheReference() {
        return GoldenFiles.tests("mtcm_kd/step.safetensors", "mtcm_kd_step", golden -> {
            new TwoSteps(golden, false).check();
            new TwoSteps(golden, true).check();
        });
    }

    private static final class TwoSteps {
        private final Safetensors golden;
        private final List<Sequence> channels;
        private final List<String> teachers = new ArrayList<>();
        private final Sequence studentInput;
        private final Recipe recipe;

        /** @param oneByOne whether the graphs of the teachers are built one after the other, which must not change the result */
        TwoSteps(Safetensors golden, boolean oneByOne) {
            this.golden = golden;
            this.channels = Stream.of(golden.metadata().get("channels").split(","))
                    .map(name -> new Sequence(name.toUpperCase(Locale.ROOT)))
                    .toList();
            golden.arrays().keySet().stream()
                    .filter(name -> name.startsWith("initial/teacher_"))
                    .map(name -> name.split("/")[1].substring("teacher_".length()))
                    .distinct()
                    .forEach(teachers::add);
            this.studentInput = channels.stream()
                    .filter(sequence -> !teachers.contains(sequence.name().toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow();
            Map<String, String> metadata = golden.metadata();
            this.recipe = Recipe.load(
                    "mtcm-kd-reference",
                    List.of(
                            "student=" + studentInput.name(),
                            "teachers=" + teachers.toString().toUpperCase(Locale.ROOT),
                            "network.widths=" + network("student").arguments().get("widths"),
                            "optimization.learningRate=" + new BigDecimal(metadata.get("lr")).toPlainString(),
                            "distillation.oneCycleSideEffect=false",
                            "distillation.oneByOne=" + oneByOne,
                            "distillation.response.weight=" + metadata.get("kd_total"),
                            "distillation.response.temperature=" + metadata.get("temperature")));
        }

        private NetworkSpec network(String role) {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            weights("initial/" + role + "/", Optional::of).forEach((name, array) -> shapes.put(name, array.shape()));
            return ReferenceNames.network(shapes).orElseThrow();
        }

        private Map<String, ArrayData> weights(String prefix, Function<String, Optional<String>> rename) {
            Map<String, ArrayData> weights = new TreeMap<>();
            Weights.below(prefix, golden.arrays())
                    .forEach((name, array) -> rename.apply(name).ifPresent(ours -> weights.put(ours, array)));
            assertTrue(weights.size() > 4, prefix);
            return weights;
        }

        void check() {
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), GoldenFiles.device())) {
                assign(method);
                Phase phase = method.phases().get(0);
                try (PhaseOptimizers optimizers = new PhaseOptimizers(phase, recipe.optimization(), 2)) {
                    Map<String, ArrayData> before = moments(optimizers);
                    for (int epoch = 0; epoch < 2; epoch++) {
                        try (PointerScope scope = new PointerScope()) {
                            checkForward("epoch" + epoch + "/", method);
                            checkScalars(
                                    "epoch" + epoch + "/scalar/",
                                    phase.step(batch(), optimizers).values());
                        }
                        optimizers.endEpoch();
                        Map<String, ArrayData> after = moments(optimizers);
                        checkGradients("epoch" + epoch + "/grad/", before, after);
                        before = after;
                    }
                }
                Map<String, ArrayData> student =
                        Weights.of("", role(method, "student").network().parameters());
                checkFinal(student);
            }
        }

        /** The student has a head for each distilled level; the reference has one more, which never changes. */
        private void checkFinal(Map<String, ArrayData> student) {
            Map<String, ArrayData> initial = weights("initial/student/", ReferenceNames::ofNetwork);
            Map<String, ArrayData> expected = weights("final/student/", ReferenceNames::ofNetwork);
            assertTrue(expected.keySet().containsAll(student.keySet()));
            double mostThatTwoStepsDiffer = 4 * recipe.optimization().learningRate();
            long[] weights = new long[2];
            expected.forEach((name, array) -> {
                float[] target = floats(array);
                float[] found = floats(student.getOrDefault(name, initial.get(name)));
                assertEquals(target.length, found.length, name);
                for (int i = 0; i < target.length; i++) {
                    double difference = Math.abs(target[i] - found[i]);
                    assertTrue(difference <= mostThatTwoStepsDiffer, name + "[" + i + "] is off by " + difference);
                    weights[0]++;
                    weights[1] += difference > FINAL ? 1 : 0;
                }
            });
            assertTrue(
                    weights[1] <= ROUNDED * weights[0],
                    weights[1] + " of " + weights[0] + " weights are off by more than " + FINAL);
        }

        private void assign(Method method) {
            for (Role role : method.roles()) {
                Map<String, ArrayData> given = weights("initial/" + theirs(role) + "/", ReferenceNames::ofNetwork);
                given.keySet().retainAll(role.network().parameters().asMap().keySet());
                Weights.assign(role.network().parameters(), given);
            }
            Weights.assign(fusion(method), weights("initial/fusion/", ReferenceNames::ofFusion));
        }

        private static Parameters fusion(Method method) {
            assertEquals(1, method.auxiliaryParameters().size());
            return method.auxiliaryParameters().values().iterator().next();
        }

        private static Role role(Method method, String name) {
            return method.roles().stream()
                    .filter(role -> role.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        private static String theirs(Role role) {
            return role.name().replace("teacher-", "teacher_");
        }

        private Batch batch() {
            return new Batch(channels, onDevice(input("input/images")), onDevice(input("input/labels")));
        }

        private static Tensor onDevice(ArrayData array) {
            Tensor tensor = array.toTensor();
            return tensor.to(GoldenFiles.device(), tensor.scalar_type());
        }

        /** The full names continue with the order of the channels and the meaning of the labels. */
        private ArrayData input(String beginning) {
            return golden.arrays().entrySet().stream()
                    .filter(array -> array.getKey().startsWith(beginning))
                    .findFirst()
                    .orElseThrow()
                    .getValue();
        }

        private void checkForward(String epoch, Method method) {
            try (NoGradGuard guard = new NoGradGuard()) {
                List<Tensor> half = new ArrayList<>();
                for (Role role : method.roles()) {
                    Features features = role.network().forward(batch().input(role.inputs()));
                    assertForward(epoch + theirs(role) + "/logits", features.logits());
                    if (role.name().equals("student")) {
                        assertForward(
                                epoch + "student/logits_half", features.deep().get(0));
                    } else {
                        half.add(features.decoder(1));
                    }
                }
                List<Integer> widths = half.stream().map(f -> (int) f.size(1)).toList();
                CooperativeFusion fusion =
                        new CooperativeFusion(widths, 4, Attention.CHANNEL, Initialisation.PYTORCH, 1);
                try (Parameters copy = fusion.parameters()) {
                    copy.moveTo(GoldenFiles.device());
                    Weights.assign(copy, Weights.of("", fusion(method)));
                    assertForward(epoch + "fusion/logits_half", fusion.fuse(half));
                }
            }
        }

        private void assertForward(String name, Tensor actual) {
            ArrayData expected = golden.arrays().get(name);
            // A step of Adam moves weights whose gradient is rounding error by the whole rate in either direction.
            double nearZero = name.startsWith("epoch0/") ? NEAR_ZERO : 1;
            assertClose(name, expected, ArrayData.of(actual), FORWARD, FORWARD * nearZero * largest(expected));
        }

        private void checkScalars(String prefix, Map<String, Double> values) {
            Map<String, String> ours = new LinkedHashMap<>();
            for (String teacher : teachers) {
                ours.put("teacher_loss_" + teacher, "teacher-" + teacher);
                ours.put("kd_" + teacher, "kd_" + teacher);
                ours.put("kd_weight_" + teacher, "weight_" + teacher);
                ours.put("wt_dice_" + teacher, "dice_" + teacher + "_WT");
            }
            ours.put("fusion_loss", "fusion-1");
            ours.put("teacher_total", "teachers");
            ours.put("student_gt", "gt");
            ours.put("dice_loss_student", "gt_dice");
            ours.put("jaccard_loss_student", "gt_jaccard");
            ours.put("ce_student", "gt_ce");
            ours.put("student_deep_gt", "deep1_gt");
            ours.put("deep_kd", "deep1_kd");
            ours.put("student_total", "loss");
            Map<String, ArrayData> scalars = Weights.below(prefix, golden.arrays());
            assertTrue(scalars.size() >= 9, prefix);
            scalars.forEach((name, array) -> {
                double expected = array.bytes().getDouble(0);
                assertTrue(ours.containsKey(name), "Preceptor logs no " + name);
                // Dice of hard masks, mean of slices: a step of Adam may move a voxel across the threshold.
                double tolerance = name.startsWith("wt_dice_") && prefix.startsWith("epoch1/") ? HARD_DICE : LOSS;
                assertEquals(expected, values.get(ours.get(name)), tolerance * Math.abs(expected), prefix + name);
            });
        }

        private static Map<String, ArrayData> moments(PhaseOptimizers optimizers) {
            Map<String, ArrayData> moments = new TreeMap<>();
            optimizers.save(moments);
            return moments;
        }

        /** m_t = beta1 m_(t-1) + (1 - beta1) g_t. */
        private void checkGradients(String prefix, Map<String, ArrayData> before, Map<String, ArrayData> after) {
            Map<String, ArrayData> gradients = Weights.below(prefix, golden.arrays());
            assertTrue(gradients.size() >= 2, prefix);
            gradients.forEach((name, expected) -> {
                String[] parts = name.split("/");
                String ours = momentOf(parts[0], parts[1]);
                float[] old = floats(before.get(ours));
                float[] gradient = floats(after.get(ours));
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] = (float) ((gradient[i] - BETA1 * old[i]) / (1 - BETA1));
                }
                try (PointerScope scope = new PointerScope()) {
                    ArrayData found = ArrayData.of(Tensors.of(gradient, expected.shape()));
                    if (prefix.startsWith("epoch0/")) {
                        assertClose(prefix + name, expected, found, GRADIENT, GRADIENT * NEAR_ZERO * largest(expected));
                    } else {
                        assertCloseAsAWhole(prefix + name, expected, found);
                    }
                }
            });
        }

        private static String momentOf(String role, String weight) {
            if (role.equals("student")) {
                return "student/first/" + ReferenceNames.ofNetwork(weight).orElseThrow();
            }
            return "teachers/first/"
                    + (role.equals("fusion")
                            ? "fusion-1." + ReferenceNames.ofFusion(weight).orElseThrow()
                            : role.replace("teacher_", "teacher-") + "."
                                    + ReferenceNames.ofNetwork(weight).orElseThrow());
        }

        private static float[] floats(ArrayData array) {
            float[] values = new float[array.bytes().remaining() / Float.BYTES];
            array.bytes().asFloatBuffer().get(values);
            return values;
        }

        private static double largest(ArrayData array) {
            double largest = 0;
            for (float value : floats(array)) {
                largest = Math.max(largest, Math.abs(value));
            }
            return largest;
        }

        /**
         * The norm of the difference is at most a thousandth of the norm. For gradients of the second step, since Adam's first
         * step moves each weight whose gradient is rounding error by the whole learning rate.
         */
        private static void assertCloseAsAWhole(String name, ArrayData expected, ArrayData found) {
            float[] target = floats(expected);
            float[] actual = floats(found);
            assertEquals(target.length, actual.length, name);
            double norm = 0;
            double difference = 0;
            for (int i = 0; i < target.length; i++) {
                norm = Math.hypot(norm, target[i]);
                difference = Math.hypot(difference, (double) target[i] - actual[i]);
            }
            assertTrue(difference <= GRADIENT * norm, name + " is off by " + difference + " of " + norm);
        }

        private static void assertClose(
                String name, ArrayData expected, ArrayData found, double relative, double absolute) {
            float[] target = floats(expected);
            float[] actual = floats(found);
            assertEquals(target.length, actual.length, name);
            for (int i = 0; i < target.length; i++) {
                assertEquals(target[i], actual[i], relative * Math.abs(target[i]) + absolute, name + "[" + i + "]");
            }
        }
    }
}
