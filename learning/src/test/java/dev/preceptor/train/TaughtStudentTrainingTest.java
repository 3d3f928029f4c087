package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Settings;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Trainings of seconds with a frozen teacher and a teaching loss. */
@Tag("integration")
class TaughtStudentTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    @ParameterizedTest
    @ValueSource(strings = {"structured-kd", "local-consistency", "pmkl", "proto-kd"})
    void aStoppedTrainingEndsWithTheSameBytesAndTheStudentPredicts(String method, @TempDir Path folder)
            throws IOException {
        Recipe recipe = TinyRuns.recipe(method + "-small", "distillation.diagnose=true");
        // The later half belongs to the student.
        Path whole = TinyRuns.assertResumesToTheByte(recipe, COHORT.path(), folder, 0.5, 4);
        JsonNode training = Settings.JSON
                .readTree(Files.readAllLines(whole.resolve("metrics.jsonl")).get(3))
                .get("training");
        assertTrue(training.get("diagnose_norm_gt").doubleValue() > 0, training.toString());
        predict(whole.resolve("models/student.safetensors"));
    }

    private static void predict(Path model) {
        Grid grid = new Grid(Size.cube(16), new Affine(-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0));
        try (Predictor predictor = Predictor.read(List.of(model), PredictionOptions.DEFAULTS)) {
            assertEquals(List.of(Sequence.T1CE), predictor.inputs());
            float[] probabilities = predictor
                    .predict(Map.of(Sequence.T1CE, NoiseVolumes.of(grid, 2)))
                    .probability(Region.WT)
                    .voxels();
            float lowest = 1;
            float highest = 0;
            for (float probability : probabilities) {
                assertTrue(probability >= 0 && probability <= 1, "probability " + probability);
                lowest = Math.min(lowest, probability);
                highest = Math.max(highest, probability);
            }
            assertTrue(lowest < highest, "every voxel has the probability " + lowest);
        }
    }
}
