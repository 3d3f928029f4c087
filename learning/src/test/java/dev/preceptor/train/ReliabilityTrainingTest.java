package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.ModelFile;
import dev.preceptor.quality.GuardProfile;
import dev.preceptor.quality.Reliability;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of seconds at whose end a model learns how far it can be trusted. */
@Tag("integration")
class ReliabilityTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(12);

    private static final String FIT = "validation.reliability=FIT";
    private static final String HALF = "validation.fraction=0.5";

    @TempDir
    private Path folder;

    private final List<String> notices = new ArrayList<>();

    private void listen(TrainingEvent event) {
        if (event instanceof TrainingEvent.Notice notice) {
            notices.add(notice.line());
        }
    }

    private static Reliability of(Path run, String role) {
        return ModelFile.read(run.resolve("models/" + role + ".safetensors"))
                .description()
                .reliability();
    }

    private boolean isNoticed(String part) {
        return notices.stream().anyMatch(line -> line.contains(part));
    }

    @Test
    void everyRoleLearnsItsOwnAndNoWeightChanges() {
        Path fitted = folder.resolve("fitted");
        Path none = folder.resolve("none");
        TinyRuns.train(TinyRuns.recipe("kd-net-small", HALF, FIT), COHORT.path(), fitted, this::listen, () -> false);
        TinyRuns.train(TinyRuns.recipe("kd-net-small", HALF), COHORT.path(), none, false, () -> false);
        TinyRuns.assertSame(none, fitted);
        assertEquals(Reliability.NONE, of(none, "student"));
        Map<String, Set<String>> seen =
                Map.of("student", Set.of("T1CE"), "teacher", Set.of("T1", "T1CE", "T2", "FLAIR"));
        seen.forEach((role, sequences) -> {
            Reliability reliability = of(fitted, role);
            assertEquals(
                    Set.of("ET", "TC", "WT"),
                    reliability.temperatures().byRegion().keySet());
            assertEquals(6, reliability.quality().get("WT").subjects());
            assertEquals(6, reliability.mirrored().get("WT").subjects());
            GuardProfile guards = reliability.guards().orElseThrow();
            assertEquals(12, guards.subjects(), "training and validation subjects");
            assertEquals(sequences, guards.images().keySet());
            assertEquals(
                    Set.of("T1", "T1CE", "T2", "FLAIR"), guards.directions().keySet());
            assertTrue(isNoticed("guards of the " + role + " on 12 subjects: "), notices::toString);
        });
    }

    @Test
    void aTrainingStoppedAtItsEndLearnsTheSame() {
        Recipe recipe = TinyRuns.recipe("baseline-small", HALF, FIT);
        Path whole = folder.resolve("whole");
        AtomicInteger questions = new AtomicInteger();
        TinyRuns.train(recipe, COHORT.path(), whole, false, () -> questions.incrementAndGet() < 0);
        Path stopped = folder.resolve("stopped");
        AtomicInteger asked = new AtomicInteger();
        // The last question comes before the last images are read.
        assertFalse(
                TinyRuns.train(recipe, COHORT.path(), stopped, false, () -> asked.incrementAndGet() >= questions.get())
                        .finished());
        assertTrue(TinyRuns.train(recipe, COHORT.path(), stopped, true, () -> false)
                .finished());
        assertEquals(of(whole, "student"), of(stopped, "student"));
    }

    @Test
    void theHeldOutFoldIsNotRead() {
        Path run = folder.resolve("run");
        Training.run(
                new TrainingJob(
                        TinyRuns.recipe("baseline-small", "validation.on=FOLD", FIT),
                        COHORT.path(),
                        run,
                        Optional.of(new FoldChoice(1, 2)),
                        false,
                        "cpu",
                        1),
                this::listen,
                () -> false);
        Reliability reliability = of(run, "student");
        assertTrue(reliability.temperatures().byRegion().isEmpty());
        assertTrue(reliability.quality().isEmpty());
        assertEquals(6, reliability.guards().orElseThrow().subjects());
    }

    @Test
    void tooFewSubjectsAreSaid() {
        Path run = folder.resolve("run");
        TinyRuns.train(
                TinyRuns.recipe("baseline-small", "sampling.labelled=2", FIT),
                COHORT.path(),
                run,
                this::listen,
                () -> false);
        assertTrue(of(run, "student").quality().isEmpty());
        assertTrue(of(run, "student").mirrored().isEmpty());
        assertTrue(isNoticed("its expected Dice is not fitted, which takes 5 of them"), notices::toString);
    }
}
