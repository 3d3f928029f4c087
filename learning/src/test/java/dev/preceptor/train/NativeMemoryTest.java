package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.ResidentMemory;
import dev.preceptor.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class NativeMemoryTest {
    /** A leak of one feature map of the finest level (16^3, float32) per step adds at least one and a half times this. */
    private static final long ALLOWED = 8L << 20;

    @Test
    void isConstantOver500StepsOfKdNet(@TempDir Path folder) {
        Recipe recipe = TinyRuns.recipe(
                "kd-net-small",
                "sampling.patch=[16,16,16]",
                "sampling.stepsPerEpoch=25",
                "optimization.epochs=22",
                "optimization.teacherEpochs=1",
                "validation.fraction=0");
        assertConstant(recipe, folder);
    }

    @Test
    void isConstantOverStepsWithEveryOptionOfTheOptimization(@TempDir Path folder) {
        Recipe recipe = TinyRuns.recipe(
                "baseline-small",
                "network.widths=[4,8,8]",
                "sampling.patch=[16,16,16]",
                "sampling.stepsPerEpoch=12",
                "validation.fraction=0",
                "optimization.epochs=16",
                "optimization.optimizer.name=sgd",
                "optimization.schedule.name=poly",
                "optimization.clip=12",
                "optimization.accumulate=2",
                "optimization.ema=0.99",
                "distillation.deepSupervision=1");
        assertConstant(recipe, folder);
    }

    @Test
    void isConstantOverTheStepsOfMtcmKd(@TempDir Path folder) {
        assertConstantForMtcmKd(true, folder);
    }

    @Test
    @Tag("slow")
    void isConstantOverTheStepsOfMtcmKdWithAllNetworksAtOnce(@TempDir Path folder) {
        assertConstantForMtcmKd(false, folder);
    }

    private static void assertConstantForMtcmKd(boolean oneByOne, Path folder) {
        // Steps of five networks are long: few of them, with wide feature maps.
        Recipe recipe = Recipe.load(
                "mtcm-kd-small",
                List.of(
                        "network.widths=[16,16,16]",
                        "sampling.patch=[16,16,16]",
                        "sampling.stepsPerEpoch=5",
                        "optimization.epochs=12",
                        "preprocessing.spacing=0",
                        "validation.fraction=0",
                        "distillation.oneByOne=" + oneByOne));
        assertConstant(recipe, folder);
    }

    private static void assertConstant(Recipe recipe, Path folder) {
        Torch.open();
        Path cohort = TinyRuns.cohort(folder.resolve("cohort"), 3);
        ResidentMemory resident = new ResidentMemory();
        Training.run(
                new TrainingJob(recipe, cohort, folder.resolve("run"), Optional.empty(), false, "cpu", 1),
                event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended
                            && ended.role().equals("student")) {
                        resident.record();
                    }
                },
                () -> false);
        long growth = resident.growth();
        assertTrue(growth < ALLOWED, "the steps added " + (growth >> 10) + " KiB of resident memory: " + resident);
    }
}
