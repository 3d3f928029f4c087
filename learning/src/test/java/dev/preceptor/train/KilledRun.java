package dev.preceptor.train;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import java.nio.file.Path;
import java.util.List;

/** A training in its own process, to be killed by a test: it prints a line at each step, and resumes its run if there is one. */
final class KilledRun {
    private KilledRun() {}

    public static void main(String[] arguments) {
        TinyRuns.train(
                Recipe.load(arguments[0], List.of()),
                Path.of(arguments[1]),
                Path.of(arguments[2]),
                true,
                event -> {
                    if (event instanceof TrainingEvent.Stepped stepped) {
                        System.out.println(stepped.role() + " " + stepped.epoch() + " " + stepped.step());
                    }
                },
                () -> false);
    }
}
