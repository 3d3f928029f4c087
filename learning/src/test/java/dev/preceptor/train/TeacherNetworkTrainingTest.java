package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.model.ModelFile;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Trainings of seconds in which the teachers have another network than the student. */
@Tag("integration")
class TeacherNetworkTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    private static final String LARGER = "teacherNetwork={name: resunet, widths: [4, 6, 8]}";

    static Stream<Recipe> recipes() {
        String student = "network={name: resunet, widths: [2, 4, 4]}";
        String teachers = "teacherNetwork={name: unet, widths: [4, 6, 8]}";
        return Stream.of(
                TinyRuns.recipe("kd-net-small", LARGER),
                Recipe.load("mtcm-kd-small", tiny(student, teachers)),
                Recipe.load("mtcm-kd-small", tiny(student, teachers, "distillation.teachers=FIRST")));
    }

    private static List<String> tiny(String... overrides) {
        return Stream.concat(
                        Stream.of(overrides),
                        TinyRuns.OVERRIDES.stream().filter(override -> !override.startsWith("network.")))
                .toList();
    }

    private static TrainingResult train(Recipe recipe, Path run) {
        return TinyRuns.train(recipe, COHORT.path(), run, false, () -> false);
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aStoppedTrainingEndsWithTheSameBytesAfterResuming(Recipe recipe, @TempDir Path folder) {
        Path whole = folder.resolve("whole");
        train(recipe, whole);
        for (int steps : new int[] {2, 5, 10}) {
            Path run = folder.resolve("stopped-" + steps);
            AtomicInteger asked = new AtomicInteger();
            TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > steps);
            assertTrue(TinyRuns.train(recipe, COHORT.path(), run, true, () -> false)
                    .finished());
            TinyRuns.assertSame(whole, run);
        }
    }

    @Test
    void theProjectionIsInCheckpointsAndInNoModel(@TempDir Path folder) throws IOException {
        Path run = folder.resolve("run");
        AtomicInteger asked = new AtomicInteger();
        Recipe recipe = TinyRuns.recipe("kd-net-small", LARGER);
        assertFalse(TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > 10)
                .finished());
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            Path newest = checkpoints.max(Path::compareTo).orElseThrow();
            assertArrayEquals(
                    new long[] {8, 2, 1, 1, 1},
                    Safetensors.read(newest.resolve("weights.safetensors"))
                            .arrays()
                            .get("projection/conv.weight")
                            .shape());
        }
        TrainingResult result = TinyRuns.train(recipe, COHORT.path(), run, true, () -> false);
        for (Path model : result.models().values()) {
            Set<String> names = ModelFile.read(model).weights().keySet();
            assertTrue(names.stream().noneMatch(name -> name.startsWith("projection") || name.startsWith("conv.")));
        }
    }

    @Test
    void eachModelAndItsCardHaveTheNetworkOfTheirRole(@TempDir Path folder) throws IOException {
        Path run = folder.resolve("run");
        TrainingResult result = train(TinyRuns.recipe("kd-net-small", LARGER), run);
        ModelFile teacher = ModelFile.read(result.models().get("teacher"));
        assertEquals("resunet", teacher.description().network().name());
        assertEquals(
                List.of(4, 6, 8), teacher.description().network().arguments().get("widths"));
        String card =
                Safetensors.read(result.models().get("teacher")).metadata().get("card");
        assertTrue(card.contains("resunet {attention=CHANNEL, heads=0, widths=[4, 6, 8]}"), card);
        NetworkSpec student =
                ModelFile.read(result.models().get("student")).description().network();
        assertEquals("unet", student.name());
        assertEquals(List.of(2, 4), student.arguments().get("widths"));
        assertTrue(Files.readString(run.resolve("recipe.yaml")).contains("teacherNetwork:\n  name: resunet\n"));
    }

    @Test
    void aTeacherNetworkThatEqualsTheStudentsChangesNoByte(@TempDir Path folder) {
        train(TinyRuns.recipe("kd-net-small"), folder.resolve("without"));
        train(
                TinyRuns.recipe("kd-net-small", "teacherNetwork={name: unet, widths: [2, 4], skips: 1}"),
                folder.resolve("with"));
        TinyRuns.assertSame(folder.resolve("without"), folder.resolve("with"));
    }

    @Test
    void aTrainedTeacherKeepsTheNetworkOfItsModelFile(@TempDir Path folder) {
        TrainingResult first = train(TinyRuns.recipe("kd-net-small", LARGER), folder.resolve("first"));
        TrainingResult second = train(
                TinyRuns.recipe("kd-net-small", "seed=3", "teacherModels=" + folder.resolve("first")),
                folder.resolve("second"));
        ModelFile before = ModelFile.read(first.models().get("teacher"));
        ModelFile after = ModelFile.read(second.models().get("teacher"));
        assertEquals(before.description().network(), after.description().network());
        before.weights()
                .forEach((name, array) ->
                        assertEquals(array.bytes(), after.weights().get(name).bytes(), name));
    }

    @Test
    void aPatchMustFitTheDeepestNetwork(@TempDir Path folder) {
        Path run = folder.resolve("run");
        Recipe recipe = TinyRuns.recipe(
                "kd-net-small", "teacherNetwork={name: resunet, widths: [2, 2, 2, 2, 2]}", "sampling.patch=[8,8,8]");
        assertEquals(
                "sampling.patch must be multiples of 16 for the network of the teacher, not [8, 8, 8]",
                assertThrows(InvalidRecipeException.class, () -> train(recipe, run))
                        .getMessage());
        assertFalse(Files.exists(run));
    }
}
