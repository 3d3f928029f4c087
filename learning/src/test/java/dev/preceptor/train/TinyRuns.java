package dev.preceptor.train;

import dev.preceptor.cohort.CohortFixture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Trainings of seconds: a cohort of small subjects, a network of a few channels, two epochs. */
final class TinyRuns {
    static final List<String> OVERRIDES = List.of(
            "network.widths=[2,4]",
            "network.skips=1",
            "sampling.patch=[8,8,8]",
            "sampling.stepsPerEpoch=3",
            "optimization.epochs=2",
            "preprocessing.spacing=0",
            "checkpointEvery=1",
            "validation.fraction=0.25");

    private TinyRuns() {}

    static Path cohort(Path folder, int subjects) {
        return CohortFixture.brats2021(folder, subjects).root();
    }

    static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(OVERRIDES);
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    static Outcome train(Recipe recipe, Path cohort, Path run, boolean resume, BooleanSupplier stop) {
        return Training.run(
                new TrainingJob(recipe, cohort, run, Optional.empty(), resume, "cpu", 1), event -> {}, stop);
    }
}
