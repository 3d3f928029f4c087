package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.Patients;
import dev.preceptor.data.Batch;
import dev.preceptor.data.PatchDescription;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TeachersTest {
    private static final List<String> SUBJECTS = List.of("a", "b", "c", "d", "e");

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Method transfer(String... overrides) {
        return transfer(SUBJECTS, overrides);
    }

    private static Method transfer(List<String> subjects, String... overrides) {
        List<String> all = Stream.concat(
                        Stream.of("network={name: unet, widths: [2, 4], skips: 1}"), Stream.of(overrides))
                .toList();
        return Recipe.load("transfer-small", all)
                .build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"), GlobalBatchSum.LOCAL, subjects);
    }

    private static Batch batch(List<String> subjects) {
        torch.manual_seed(4);
        long count = subjects.size();
        Tensor classes = torch.rand(count, 8, 8, 8).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
        return new Batch(
                Sequence.BRATS,
                torch.randn(count, 4, 8, 8, 8),
                classes,
                subjects.stream()
                        .map(subject -> new PatchDescription(
                                subject,
                                Optional.empty(),
                                Collections.nCopies(4, PatchDescription.ChannelState.MEASURED),
                                SUBJECTS.contains(subject)))
                        .toList());
    }

    @Test
    void outOfFoldEverySubjectIsLeftOutByExactlyOneTeacher() {
        try (Method method = transfer("teacherEnsemble={size: 3, outOfFold: true}")) {
            assertEquals(
                    List.of("teacher-1", "teacher-2", "teacher-3", "student"),
                    method.roles().stream().map(Role::name).toList());
            List<Phase> teachers = method.phases().subList(0, 3);
            for (String subject : SUBJECTS) {
                assertEquals(
                        1,
                        teachers.stream()
                                .filter(phase -> !phase.trainsOn(subject))
                                .count(),
                        subject);
            }
            assertTrue(SUBJECTS.stream().allMatch(method.phases().get(3)::trainsOn), "the student learns from all");
        }
    }

    @Test
    void outOfFoldAllScansOfAPatientAreLeftOutByTheSameTeacher() {
        List<String> scans = List.of("sub-1_ses-1", "sub-1_ses-2", "sub-2_ses-1", "sub-3_ses-1", "sub-3_ses-2");
        try (Method method = transfer(scans, "teacherEnsemble={size: 3, outOfFold: true}")) {
            Set<List<String>> leftOut = new HashSet<>();
            method.phases()
                    .subList(0, 3)
                    .forEach(phase -> leftOut.add(scans.stream()
                            .filter(subject -> !phase.trainsOn(subject))
                            .toList()));
            assertEquals(Set.copyOf(Patients.of(scans).scans()), leftOut);
        }
        assertEquals(
                "teacherEnsemble.size must be at most the number of training patients, 3, with outOfFold, not 4",
                assertThrows(
                                InvalidRecipeException.class,
                                () -> transfer(scans, "teacherEnsemble={size: 4, outOfFold: true}"))
                        .getMessage());
    }

    @Test
    void theTeacherThatLeftASubjectOutAnswersForItAndAllAnswerForOthers() {
        Recipe recipe = Recipe.load(
                "kd-net-balanced-small",
                List.of(
                        "network={name: unet, widths: [2, 4], skips: 1}",
                        "distillation.terms=[GT, KD]",
                        "teacherEnsemble={size: 2, outOfFold: true}"));
        try (PointerScope scope = new PointerScope();
                Method method = recipe.build(
                        LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"), GlobalBatchSum.LOCAL, SUBJECTS)) {
            List<Role> roles = method.roles().subList(0, 2);
            Batch batch = batch(List.of("a", "new", "e", "b"));
            List<Tensor> alone =
                    roles.stream().map(role -> role.forward(batch).logits()).toList();
            Tensor answer = ((KdNet) method).teachers().outputs(batch).logits();
            for (int b = 0; b < 4; b++) {
                String subject = batch.patches().get(b).subject();
                Tensor expected =
                        alone.get(0).select(0, b).add(alone.get(1).select(0, b)).mul(new Scalar(0.5));
                for (int k = 0; k < 2; k++) {
                    if (!method.phases().get(k).trainsOn(subject)) {
                        expected = alone.get(k).select(0, b);
                    }
                }
                assertArrayEquals(Tensors.toFloats(expected), Tensors.toFloats(answer.select(0, b)), 1e-5f, subject);
            }
        }
    }

    @Test
    void aSingleTeacherIsNamedAsBefore() {
        try (Method method = transfer()) {
            assertEquals("teacher", method.roles().get(0).name());
        }
    }

    private static String refusal(String recipe, String... overrides) {
        return assertThrows(
                        InvalidRecipeException.class,
                        () -> Recipe.load(recipe, List.of(overrides))
                                .build(
                                        LabelSpace.BRATS_2018,
                                        List.of(),
                                        Torch.device("cpu"),
                                        GlobalBatchSum.LOCAL,
                                        SUBJECTS)
                                .close())
                .getMessage();
    }

    @Test
    void ensemblesThatCannotBeAreRefused() {
        assertEquals(
                "distillation.terms must leave out KL with teacherEnsemble.size 2: the bottlenecks of different teachers have"
                        + " no features in common",
                refusal("kd-net-small", "teacherEnsemble.size=2"));
        assertEquals(
                "teacherEnsemble.size must be at most the number of training subjects, 5, with outOfFold, not 6",
                refusal("transfer-small", "teacherEnsemble={size: 6, outOfFold: true}"));
        assertEquals(
                "teacherEnsemble.size must be 1 for the method mtcm-kd, not 2: its teachers learn together",
                refusal("mtcm-kd-small", "teacherEnsemble.size=2"));
        assertTrue(refusal("transfer-small", "teacherEnsemble.outOfFold=true")
                .contains("teacherEnsemble.outOfFold must be false for a single teacher"));
        assertTrue(refusal("baseline-small", "teacherEnsemble.size=2").contains("the recipe has no teachers"));
    }
}
