package dev.preceptor.train;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import java.nio.file.Path;
import java.util.List;

/** A training in a process of its own that is there to be killed: it prints a line at each step, and goes on where it can. */
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
