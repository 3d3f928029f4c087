package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of seconds at whose end the post-processing is chosen. */
@Tag("integration")
class PostProcessingTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    private static final String CHOOSE = "validation.postProcessing=CHOOSE";

    /** Enough steps for a teacher that finds the lesion and has islands. */
    private static final String[] LEARNING = {"optimization.learningRate=1e-2", "sampling.stepsPerEpoch=10", CHOOSE};

    @TempDir
    private Path folder;

    private final List<String> notices = new ArrayList<>();

    private void listen(TrainingEvent event) {
        if (event instanceof TrainingEvent.Notice notice) {
            notices.add(notice.line());
        }
    }

    private ModelDescription model(Path run, String role) {
        return ModelFile.read(run.resolve("models/" + role + ".safetensors")).description();
    }

    private boolean isNoticed(String part) {
        return notices.stream().anyMatch(line -> line.contains(part));
    }

    @Test
    void everyRoleGetsItsOwnChoiceAndNoWeightChanges() {
        Path chosen = folder.resolve("chosen");
        Path none = folder.resolve("none");
        TinyRuns.train(TinyRuns.recipe("kd-net-small", LEARNING), COHORT.path(), chosen, this::listen, () -> false);
        Recipe without = TinyRuns.recipe(
                "kd-net-small",
                Stream.concat(Stream.of(LEARNING), Stream.of("validation.postProcessing=NONE"))
                        .toArray(String[]::new));
        TinyRuns.train(without, COHORT.path(), none, false, () -> false);
        TinyRuns.assertSame(none, chosen);
        assertFalse(model(chosen, "teacher").postProcessing().keepsAll(), notices::toString);
        for (String role : List.of("teacher", "student")) {
            PostProcessing rules = model(chosen, role).postProcessing();
            assertTrue(isNoticed("post-processing of the " + role + " on 1 validation subjects: " + rules));
            assertTrue(model(none, role).postProcessing().keepsAll());
        }
    }

    @Test
    void aTrainingResumedAfterItsLastEpochChoosesTheSame() {
        Recipe recipe = TinyRuns.recipe("kd-net-small", LEARNING);
        Path whole = folder.resolve("whole");
        TinyRuns.train(recipe, COHORT.path(), whole, false, () -> false);
        Path stopped = folder.resolve("stopped");
        AtomicBoolean isOver = new AtomicBoolean();
        TrainingResult first = TinyRuns.train(
                recipe,
                COHORT.path(),
                stopped,
                event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended) {
                        isOver.set(ended.role().equals("student") && ended.epoch() == 2);
                    }
                },
                isOver::get);
        assertFalse(first.finished());
        assertTrue(TinyRuns.train(recipe, COHORT.path(), stopped, true, () -> false)
                .finished());
        TinyRuns.assertSameWeights(whole, stopped);
        assertFalse(model(whole, "teacher").postProcessing().keepsAll());
        for (String role : List.of("teacher", "student")) {
            assertEquals(
                    model(whole, role).postProcessing(), model(stopped, role).postProcessing());
        }
    }

    @Test
    void theHeldOutFoldChoosesNothing() {
        Recipe recipe = TinyRuns.recipe("baseline-small", "validation.on=FOLD", CHOOSE);
        Path run = folder.resolve("run");
        Training.run(
                new TrainingJob(recipe, COHORT.path(), run, Optional.of(new FoldChoice(1, 2)), false, "cpu", 1),
                this::listen,
                () -> false);
        assertTrue(model(run, "student").postProcessing().keepsAll());
        assertTrue(isNoticed("no post-processing is chosen: validation.on is FOLD"), notices::toString);
    }

    @Test
    void withoutValidationSubjectsNothingIsChosen() {
        Path run = folder.resolve("run");
        Recipe recipe = TinyRuns.recipe("baseline-small", "validation.fraction=0", CHOOSE);
        TinyRuns.train(recipe, COHORT.path(), run, this::listen, () -> false);
        assertTrue(model(run, "student").postProcessing().keepsAll());
        assertTrue(isNoticed("no post-processing of the student is chosen"), notices::toString);
    }
}
