package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.Shared;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.infer.Prediction;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.RecipeLoader;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each recipe with small networks trains on real patients for a few steps, and segments one of them from its bedside sequence. */
@Tag("slow")
@Tag("shared")
class EveryRecipeOnPatientsTest {
    @SuppressWarnings("unused") // read by @FieldSource
    static final List<String> RECIPES = RecipeLoader.builtIn().stream()
            .filter(name -> name.endsWith("-small"))
            .toList();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("RECIPES")
    void trainsAndSegmentsAPatientFromTheBedsideSequence(String name) {
        Path patients = Shared.file("data/brats");
        Recipe recipe = Recipe.load(
                name,
                List.of(
                        "optimization.epochs=2",
                        "optimization.teacherEpochs=2",
                        "sampling.stepsPerEpoch=3",
                        "sampling.labelled=3",
                        "validation.fraction=0",
                        "validation.select=LAST",
                        "validation.postProcessing=NONE"));
        Path run = folder.resolve("run");
        TrainingJob job = new TrainingJob(recipe, patients, run, Optional.empty(), false, "cpu", 2)
                .withSchema(Optional.of(LabelSpace.BRATS_2018));
        Path student = Training.run(job, event -> {}, () -> false).models().get("student");
        ImageSet patient = Cohort.openImages(patients).subjects().get(0).imageSet();
        List<Sequence> shown = recipe.inferenceInputs();
        try (Predictor predictor = Predictor.read(List.of(student), PredictionOptions.DEFAULTS)) {
            Prediction prediction = predictor.predict(patient.volumes(shown));
            assertEquals(shown, prediction.used());
            assertTrue(prediction.grid().matches(patient.grid()));
            for (Volume probabilities : prediction.probabilities()) {
                for (float probability : probabilities.voxels()) {
                    assertTrue(probability >= 0 && probability <= 1, "probability " + probability);
                }
            }
        }
    }
}
