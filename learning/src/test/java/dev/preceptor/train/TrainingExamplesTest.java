package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The example in the Javadoc of {@link Training}, with settings that make it small. */
@Tag("integration")
class TrainingExamplesTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(3);

    @Test
    void aTrainingWritesTheModelOfTheStudent(@TempDir Path folder) {
        Path cohort = COHORT.path();
        Path run = folder.resolve("run");
        Recipe recipe = Recipe.load(
                "kd-net-small",
                List.of(
                        "optimization.epochs=1",
                        "network.widths=[2,4]",
                        "network.skips=1",
                        "sampling.patch=[8,8,8]",
                        "sampling.stepsPerEpoch=1",
                        "preprocessing.spacing=0"));
        TrainingJob job = new TrainingJob(recipe, cohort, run, Optional.empty(), false, "cpu", 0);
        TrainingResult result = Training.run(job, event -> {}, () -> false);
        Path student = result.models().get("student");
        assertTrue(Files.exists(student));
    }
}
