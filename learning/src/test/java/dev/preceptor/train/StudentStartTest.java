package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StudentStartTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Method build(Recipe recipe) {
        return recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{name: unet, widths: [2, 4], skips: 1}", "{name: resunet, widths: [2, 4, 4]}"})
    void theStudentTakesTheTeachersWeightsAndTheChannelsOfItsSequences(String network) {
        Recipe recipe =
                Recipe.load("transfer-small", List.of("network=" + network, "student=[T2, T1CE]", "start=teacher"));
        try (PointerScope scope = new PointerScope();
                Method method = build(recipe)) {
            StudentStart.of(recipe, method).orElseThrow().apply();
            Role teacher = method.roles().get(0);
            Role student = method.roles().get(1);
            int[] cut = {0};
            student.network().parameters().asMap().forEach((name, weight) -> {
                Tensor source = teacher.network().parameters().asMap().get(name);
                boolean isCut = !Arrays.equals(Tensors.shape(source), Tensors.shape(weight));
                cut[0] += isCut ? 1 : 0;
                Tensor expected =
                        isCut ? Tensors.cat(List.of(source.narrow(1, 2, 1), source.narrow(1, 1, 1)), 1) : source;
                assertArrayEquals(Tensors.toFloats(expected), Tensors.toFloats(weight), name);
            });
            assertTrue(cut[0] >= 1, "at least the first convolution has fewer channels");
        }
    }

    @Test
    void aStudentWithItsTeachersSequencesIsItsCopy() {
        Recipe recipe = TinyRuns.recipe("transfer-small", "teachers=[[T1CE]]");
        try (PointerScope scope = new PointerScope();
                Method method = build(recipe)) {
            StudentStart.of(recipe, method).orElseThrow().apply();
            method.roles()
                    .get(1)
                    .network()
                    .parameters()
                    .asMap()
                    .forEach((name, weight) -> assertArrayEquals(
                            Tensors.toFloats(method.roles()
                                    .get(0)
                                    .network()
                                    .parameters()
                                    .asMap()
                                    .get(name)),
                            Tensors.toFloats(weight),
                            name));
        }
    }

    private static String refusal(Recipe recipe) {
        try (Method method = build(recipe)) {
            return assertThrows(InvalidRecipeException.class, () -> StudentStart.of(recipe, method))
                    .getMessage();
        }
    }

    @Test
    void anotherNetworkIsRefusedByTheWeightThatDiffers() {
        String message =
                refusal(TinyRuns.recipe("transfer-small", "teacherNetwork={name: unet, widths: [4, 4], skips: 1}"));
        assertTrue(message.startsWith("start: the network of the teacher differs from that of the student: "), message);
        assertTrue(message.contains("[4, 4, 3, 3, 3] there and [2, 1, 3, 3, 3] in the student"), message);
    }

    @Test
    void aTeacherThatDoesNotSeeTheStudentsSequenceIsRefused() {
        assertEquals(
                "start is teacher, but no teacher that is trained before the student sees [T1CE]; choose fresh, a model file"
                        + " or the folder of a run",
                refusal(TinyRuns.recipe("transfer-small", "teachers=[[T1, T2]]")));
    }

    @Test
    void theSameSequencesInAnotherOrderAreRefused() {
        // Weights [O, 2, X, Y, Z] may be over the sequences or over two features: their shape does not say which.
        assertEquals(
                "start: the teacher sees [T1CE, T2], but the student [T2, T1CE]; name as many sequences in the same order",
                refusal(TinyRuns.recipe("transfer-small", "teachers=[[T1CE, T2]]", "student=[T2, T1CE]")));
    }

    @Test
    void teachersThatLearnBesideTheStudentAreNoStart() {
        String message = refusal(
                Recipe.load("mtcm-kd-small", List.of("network={name: resunet, widths: [2, 4, 4]}", "start=teacher")));
        assertTrue(message.startsWith("start is teacher, but no teacher that is trained before"), message);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertEquals(
                "start must be fresh, teacher, a model file or the folder of a finished run; there is no file nowhere.x",
                refusal(TinyRuns.recipe("transfer-small", "start=nowhere.x")));
    }

    @Test
    void aRecipeWithoutTeachersHasNoTeacherToStartFrom() {
        String message = assertThrows(
                        InvalidRecipeException.class, () -> TinyRuns.recipe("baseline-small", "start=teacher"))
                .getMessage();
        assertTrue(message.contains("start must be fresh, a model file or the folder of a run"), message);
    }
}
