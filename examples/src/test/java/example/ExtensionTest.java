package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.model.LoadedModel;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.OnnxModel;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.Training;
import dev.preceptor.train.TrainingResult;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example method trains the example network, and the trained model predicts. */
class ExtensionTest {
    @Test
    void aRecipeWithAMethodAndANetworkOfAUserTrainsAndItsModelPredicts(@TempDir Path folder) throws IOException {
        Path cohort = folder.resolve("cohort");
        PhantomCohort.write(PhantomRecipe.defaults().withSubjects(4).withSize(32), cohort, 1, (id, done, total) -> {});
        Recipe recipe = Recipe.load(
                Path.of("recipes/logit-matching.yaml").toString(),
                List.of(
                        "network.widths=[2,4,4]",
                        "preprocessing.spacing=0",
                        "sampling.patch=[16,16,16]",
                        "sampling.stepsPerEpoch=2",
                        "optimization.epochs=1",
                        "validation.fraction=0.25"));
        TrainingJob job = new TrainingJob(recipe, cohort, folder.resolve("run"), Optional.empty(), false, "cpu", 1);
        TrainingResult outcome = Training.run(job, event -> {}, () -> false);
        assertTrue(outcome.finished());
        assertEquals(Set.of("teacher", "student"), outcome.models().keySet());
        Path model = outcome.models().get("student");
        assertEquals(
                "strided-unet", ModelFile.read(model).description().network().name());

        try (LoadedModel loaded = ModelFile.load(model, Torch.device("cpu"))) {
            OnnxModel.of(loaded).write(folder.resolve("student.onnx"));
        }
        assertTrue(Files.size(folder.resolve("student.onnx")) > 0);

        Subject subject = Cohort.open(cohort).subjects().get(0);
        Path image = folder.resolve("image.nii.gz");
        Nifti.write(image, subject.volume(Sequence.T1CE));
        Path labels = folder.resolve("labels.nii.gz");
        Predict.main(new String[] {model.toString(), image.toString(), labels.toString()});
        LabelMap prediction = Nifti.readLabelMap(labels, LabelSpace.BRATS_2018);
        assertTrue(prediction.grid().matches(Nifti.readVolume(image).grid()));
    }
}
