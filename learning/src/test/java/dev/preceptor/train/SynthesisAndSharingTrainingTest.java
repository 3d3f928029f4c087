package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.model.ModelFile;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trainings of seconds of {@code synthesise-first} and {@code shared-deep}. */
@Tag("integration")
class SynthesisAndSharingTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(6);

    @TempDir
    private Path folder;

    private static Map<String, ArrayData> weights(Path run, String role) {
        return ModelFile.read(run.resolve("models/" + role + ".safetensors")).weights();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "synthesise-first-small | distillation.endToEnd=false",
                "synthesise-first-small | distillation.endToEnd=true",
                "synthesise-first-small | validation.monitor=DICE",
                "shared-deep-small | seed=1",
                "shared-deep-small | optimization.ema=0.5"
            })
    void trainsResumesToTheByteAndPredicts(String name, String override) {
        Recipe recipe = TinyRuns.recipe(name, override);
        Path whole = TinyRuns.assertResumesToTheByte(recipe, COHORT.path(), folder, 0, 4);
        ImageSet subject = Cohort.open(COHORT.path()).subjects().get(0).imageSet();
        Path student = whole.resolve("models/student.safetensors");
        try (Predictor predictor = Predictor.read(List.of(student), PredictionOptions.DEFAULTS)) {
            assertEquals(
                    List.of(Sequence.T1CE),
                    predictor.predict(subject.volumes(List.of(Sequence.T1CE))).used());
        }
    }

    @Test
    void noSequenceOfTheStudentIsDroppedWhileItsGeneratorIsTrained() {
        Path whole = folder.resolve("whole");
        Path dropped = folder.resolve("dropped");
        String inputs = "student=[T1CE, T1]";
        TinyRuns.train(TinyRuns.recipe("synthesise-first-small", inputs), COHORT.path(), whole, false, () -> false);
        TinyRuns.train(
                TinyRuns.recipe("synthesise-first-small", inputs, "augmentation.sequenceDropout=0.9"),
                COHORT.path(),
                dropped,
                false,
                () -> false);
        TinyRuns.assertSame(whole, dropped);
    }

    @Test
    void theOnlyModelOfSynthesiseFirstHasBothParts() throws IOException {
        Path run = folder.resolve("run");
        TinyRuns.train(TinyRuns.recipe("synthesise-first-small"), COHORT.path(), run, false, () -> false);
        try (var files = Files.list(run.resolve("models"))) {
            assertEquals(
                    List.of("student.safetensors"),
                    files.map(file -> file.getFileName().toString())
                            .filter(file -> file.endsWith(".safetensors"))
                            .toList());
        }
        Map<String, ArrayData> weights = weights(run, "student");
        assertTrue(weights.keySet().stream().anyMatch(name -> name.startsWith("generator.")));
        assertTrue(weights.keySet().stream().anyMatch(name -> name.startsWith("segmenter.")));
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertEquals(4, lines.size());
        assertTrue(lines.get(0).contains("\"generator\"") && lines.get(0).contains("\"l1\""), lines.get(0));
        assertFalse(lines.get(0).contains("dice_"), lines.get(0));
        assertTrue(lines.get(3).contains("\"student\"") && lines.get(3).contains("\"gt\""), lines.get(3));
    }

    @Test
    void theSharedWeightsAreEqualInBothModelsAfterTraining() {
        Path run = folder.resolve("run");
        TinyRuns.train(TinyRuns.recipe("shared-deep-small"), COHORT.path(), run, false, () -> false);
        Map<String, ArrayData> teacher = weights(run, "teacher");
        Map<String, ArrayData> student = weights(run, "student");
        assertEquals(teacher.keySet(), student.keySet());
        int shared = 0;
        for (String name : student.keySet()) {
            if (name.startsWith("encoder.1.")) {
                assertEquals(teacher.get(name).bytes(), student.get(name).bytes(), name);
                shared++;
            }
        }
        assertEquals(8, shared);
        assertFalse(teacher.get("head.weight")
                .bytes()
                .equals(student.get("head.weight").bytes()));
        assertArrayEquals(
                new long[] {2, 1, 3, 3, 3},
                student.get("encoder.0.0.conv.weight").shape());
        assertArrayEquals(
                new long[] {2, 4, 3, 3, 3},
                teacher.get("encoder.0.0.conv.weight").shape());
    }
}
