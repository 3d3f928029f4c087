package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.testing.TestFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of MTCM-KD that take seconds. */
@Tag("integration")
class MtcmKdTrainingTest {
    @TempDir
    static Path folder;

    private static Path cohort;

    @BeforeAll
    static void cohort() {
        cohort = TinyRuns.cohort(folder.resolve("cohort"), 4);
    }

    static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(TinyRuns.OVERRIDES);
        all.remove("network.skips=1");
        all.addAll(List.of("network.widths=[2,4,4]", "optimization.epochs=3"));
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    private static TrainingResult train(Recipe recipe, String run) {
        return TinyRuns.train(recipe, cohort, folder.resolve(run), false, () -> false);
    }

    private static Map<String, ArrayData> weights(TrainingResult result, String role) {
        return ModelFile.read(result.models().get(role)).weights();
    }

    private static void assertEqualWeights(Map<String, ArrayData> expected, Map<String, ArrayData> found) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach(
                (name, array) -> assertEquals(array.bytes(), found.get(name).bytes(), name));
    }

    @Test
    void everyNetworkIsWrittenAsAModelAndTheStudentHasOneSequence() {
        TrainingResult result = train(recipe("mtcm-kd-small", "student=T2", "teachers=[FLAIR, [T1, T1CE]]"), "any");
        assertEquals(
                Set.of("student", "teacher-flair", "teacher-t1-t1ce"),
                result.models().keySet());
        assertEquals(
                "[T2]",
                ModelFile.read(result.models().get("student"))
                        .description()
                        .inputs()
                        .toString());
    }

    @Test
    void theReferenceRecipeRuns() {
        Recipe reference = recipe("mtcm-kd-reference-small", "preprocessing.resize=[8,8,8]", "sampling.patch=[8,8,8]");
        assertEquals(4, train(reference, "literal").models().size());
    }

    @Test
    void aStoppedRunEndsWithTheSameBytesAfterResuming() {
        Recipe recipe = recipe("mtcm-kd-small");
        TrainingResult whole = train(recipe, "whole");
        AtomicInteger asked = new AtomicInteger();
        Path run = folder.resolve("stopped");
        assertFalse(TinyRuns.train(recipe, cohort, run, false, () -> asked.incrementAndGet() > 5)
                .finished());
        TrainingResult resumed = TinyRuns.train(recipe, cohort, run, true, () -> false);
        for (String role : whole.models().keySet()) {
            assertEqualWeights(weights(whole, role), weights(resumed, role));
        }
    }

    @Nested
    class TeachersOfAFinishedRun {
        @Test
        void teachAnotherStudentAndAreNotChanged() {
            TrainingResult first = train(recipe("mtcm-kd-small", "student=T1CE", "optimization.epochs=2"), "first");
            TrainingResult second = train(
                    recipe(
                            "mtcm-kd-small",
                            "distillation.teachers=FIRST",
                            "seed=7",
                            "teacherModels=" + folder.resolve("first")),
                    "second");
            assertEqualWeights(weights(first, "teacher-t2"), weights(second, "teacher-t2"));
        }

        @Test
        void areTrainedFurtherIfTheRecipeTrainsThemTogether() {
            TrainingResult first = train(recipe("mtcm-kd-small", "optimization.epochs=1"), "before");
            TrainingResult second = train(
                    recipe(
                            "mtcm-kd-small",
                            "teacherModels="
                                    + List.copyOf(new TreeSet<>(first.models().values()))),
                    "after");
            assertFalse(weights(first, "teacher-t2")
                    .get("head.weight")
                    .bytes()
                    .equals(weights(second, "teacher-t2").get("head.weight").bytes()));
        }

        @Test
        void areAlsoUsedByKdNet() {
            TrainingResult first = TinyRuns.train(
                    TinyRuns.recipe("kd-net-small"), cohort, folder.resolve("kd-first"), false, () -> false);
            TrainingResult second = TinyRuns.train(
                    TinyRuns.recipe("kd-net-small", "seed=3", "teacherModels=" + folder.resolve("kd-first")),
                    cohort,
                    folder.resolve("kd-second"),
                    false,
                    () -> false);
            assertEqualWeights(weights(first, "teacher"), weights(second, "teacher"));
        }

        @Test
        void mustIncludeOneModelForEachTeacher() {
            train(recipe("mtcm-kd-small", "teachers=[FLAIR]", "optimization.epochs=1"), "flair");
            assertRefused(
                    recipe("mtcm-kd-small", "teacherModels=" + folder.resolve("flair")),
                    "teacherModels must hold one model for each teacher; for [T2] it has none");
            assertRefused(
                    recipe(
                            "mtcm-kd-small",
                            "teachers=FLAIR",
                            "preprocessing.normalisation=RAW",
                            "teacherModels=" + folder.resolve("flair")),
                    "teacherModels: " + folder.resolve("flair/models/teacher-flair.safetensors") + " was trained with");
            assertRefused(
                    recipe("mtcm-kd-small", "teacherModels=nowhere"),
                    "teacherModels: there is no model file and no folder of a run nowhere");
        }

        private void assertRefused(Recipe recipe, String message) {
            Path run = folder.resolve("refused");
            String found = assertThrows(
                            InvalidRecipeException.class, () -> TinyRuns.train(recipe, cohort, run, false, () -> false))
                    .getMessage();
            assertTrue(found.startsWith(message), found);
            assertFalse(Files.exists(run));
        }
    }

    @Nested
    class WeightsOfTheReference {
        private final Path golden = TestFiles.of("learning", "golden/mtcm_kd/step.safetensors");

        @Test
        void becomeTeachers() {
            List<String> models = List.of(
                    golden + "#initial/teacher_flair", golden + "#initial/teacher_t2", golden + "#initial/teacher_t1");
            TrainingResult result = train(
                    recipe("mtcm-kd-small", "distillation.teachers=FIRST", "teacherModels=" + models), "reference");
            Map<String, ArrayData> teacher = weights(result, "teacher-t2");
            ArrayData expected = Safetensors.read(golden).arrays().get("initial/teacher_t2/bridge.conv_block.5.weight");
            assertArrayEquals(floats(expected), floats(teacher.get("encoder.3.conv2.weight")));
            assertEquals(
                    List.of("step.safetensors"),
                    TrainedOn.of(ModelFile.read(result.models().get("student")).description())
                            .orElseThrow()
                            .unrecordedTeachers());
        }

        @Test
        void mustBeNamedIfAFileHasSeveralNetworks() {
            String found = assertThrows(
                            InvalidRecipeException.class,
                            () -> train(recipe("mtcm-kd-small", "teacherModels=" + golden), "several"))
                    .getMessage();
            assertTrue(found.contains("name one of them as FILE#GROUP: [initial/student, "), found);
        }

        private float[] floats(ArrayData array) {
            float[] values = new float[array.bytes().remaining() / Float.BYTES];
            array.bytes().asFloatBuffer().get(values);
            return values;
        }
    }
}
