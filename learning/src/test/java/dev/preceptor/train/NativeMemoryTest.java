package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeMemoryTest {
    /** A leak of one feature map of the finest level (2 channels of 16^3, float32) a step would add twice this. */
    private static final long ALLOWED = 8L << 20;

    @Test
    void nativeMemoryIsFlatOver500Steps(@TempDir Path folder) {
        Torch.open();
        Path cohort = TinyRuns.cohort(folder.resolve("cohort"), 3);
        Recipe recipe = TinyRuns.recipe(
                "kd-net-small",
                "sampling.patch=[16,16,16]",
                "sampling.stepsPerEpoch=25",
                "optimization.epochs=22",
                "optimization.teacherEpochs=1",
                "validation.fraction=0");
        List<Long> held = new ArrayList<>();
        Training.run(
                new TrainingJob(recipe, cohort, folder.resolve("run"), Optional.empty(), false, "cpu", 1),
                event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended
                            && ended.role().equals("student")) {
                        System.gc();
                        held.add(Pointer.physicalBytes());
                    }
                },
                () -> false);
        long grown = held.get(held.size() - 1) - held.get(1);
        assertTrue(grown < ALLOWED, "500 steps added " + (grown >> 10) + " KiB of resident memory: " + held);
    }
}
