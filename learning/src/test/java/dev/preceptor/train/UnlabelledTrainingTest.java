package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.distill.ListeningMethod;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings on 20 labelled and 30 unlabelled subjects. */
class UnlabelledTrainingTest {
    private static final int LABELLED = 20;
    private static final int UNLABELLED = 30;

    @TempDir
    private Path folder;

    private Path cohort;
    private Path images;

    @BeforeEach
    void makeCohorts() {
        cohort = CohortFixture.brats2021(folder.resolve("cohort"), LABELLED).root();
        CohortFixture more = new CohortFixture(folder.resolve("images"));
        for (int i = 0; i < UNLABELLED; i++) {
            String id = "U" + (100 + i);
            more.legacySubject("", id, LABELLED + 1 + i, ".nii.gz").delete(id, "seg");
        }
        images = more.root();
    }

    private static Recipe recipe(String... overrides) {
        List<String> all = new ArrayList<>(List.of(
                "method=listening",
                "distillation={}",
                "sampling.batch=4",
                "sampling.stepsPerEpoch=15",
                "optimization.epochs=2",
                "validation.fraction=0.1"));
        all.addAll(List.of(overrides));
        return TinyRuns.recipe("baseline-small", all.toArray(String[]::new));
    }

    private boolean train(Recipe recipe, Path run, boolean resume, BooleanSupplier stop, List<String> notices) {
        TrainingJob job = new TrainingJob(recipe, cohort, run, Optional.empty(), resume, "cpu", 1)
                .withUnlabelled(Optional.of(images));
        return Training.run(
                        job,
                        event -> {
                            if (event instanceof TrainingEvent.Notice notice) {
                                notices.add(notice.line());
                            }
                        },
                        stop)
                .finished();
    }

    private boolean train(Recipe recipe, String run, boolean resume, BooleanSupplier stop) {
        return train(recipe, folder.resolve(run), resume, stop, new ArrayList<>());
    }

    @Test
    @Tag("integration")
    void aMethodSeesEachUnlabelledSubjectAsOftenAsAskedAndResumesToTheBit() {
        ListeningMethod.during(folder.resolve("services"), () -> {
            Recipe recipe = recipe("sampling.unlabelled={share: 0.5}");
            assertTrue(train(recipe, "whole", false, () -> false));
            List<String> unlabelled = ListeningMethod.unlabelled();
            List<String> labelled = ListeningMethod.labelled();
            // 30 steps with two unlabelled patches each are two passes over 30 subjects.
            assertEquals(2 * UNLABELLED, unlabelled.size());
            assertEquals(UNLABELLED, new TreeSet<>(unlabelled).size());
            new TreeSet<>(unlabelled).forEach(id -> assertEquals(2, Collections.frequency(unlabelled, id), id));
            assertEquals(UNLABELLED, new TreeSet<>(unlabelled.subList(0, UNLABELLED)).size(), "pass by pass");
            assertTrue(labelled.stream().noneMatch(unlabelled::contains));

            AtomicInteger asked = new AtomicInteger();
            assertTrue(!train(recipe, "stopped", false, () -> asked.incrementAndGet() > 22));
            assertTrue(train(recipe, "stopped", true, () -> false));
            TinyRuns.assertSame(folder.resolve("whole"), folder.resolve("stopped"));
            List<String> both = ListeningMethod.unlabelled();
            assertEquals(
                    unlabelled, both.subList(unlabelled.size(), both.size()), "the same subjects in the same order");

            TrainedOn on = TrainedOn.of(ModelFile.read(folder.resolve("whole/models/student.safetensors"))
                            .description())
                    .orElseThrow();
            assertEquals(
                    new TreeSet<>(unlabelled), new TreeSet<>(on.unlabelled().keySet()));
        });
    }

    @Test
    @Tag("integration")
    void batchesOfUnlabelledSubjectsAloneFollowLabelledOnes() {
        ListeningMethod.during(folder.resolve("services"), () -> {
            Recipe recipe = recipe("sampling.unlabelled={every: 2}", "optimization.epochs=1");
            assertTrue(train(recipe, "every", false, () -> false));
            assertEquals(5 * 4, ListeningMethod.unlabelled().size(), "every third batch of four");
            assertEquals(10 * 4, ListeningMethod.labelled().size());
        });
    }

    @Test
    void aMethodThatDoesNotUseThemSaysSoAndLeavesThemOut() {
        List<String> notices = new ArrayList<>();
        Recipe baseline = TinyRuns.recipe(
                "baseline-small", "sampling.batch=2", "sampling.unlabelled={share: 0.5}", "optimization.epochs=1");
        assertTrue(train(baseline, folder.resolve("baseline"), false, () -> false, notices));
        assertTrue(
                notices.contains(
                        "sampling.unlabelled has no effect: baseline does not learn from subjects without labels"),
                notices.toString());
        assertTrue(
                notices.stream()
                        .anyMatch(line -> line.startsWith(
                                UNLABELLED + " subjects without a label map, which baseline does not use")),
                notices.toString());
    }

    @Test
    void epochsTooShortForABatchOfUnlabelledPatchesAreRefused() {
        ListeningMethod.during(folder.resolve("services"), () -> {
            String message = refusal(recipe("sampling.unlabelled={every: 15}"));
            assertEquals(
                    "sampling.unlabelled.every is 15, but an epoch has 15 batches, so that no unlabelled patch would be drawn; set it"
                            + " below the batches of an epoch, or sampling.stepsPerEpoch to at least 16",
                    message);
            // 18 training subjects make 5 batches of 4, and 3 steps of 2 batches.
            String[] pass = {"sampling.unlabelled={every: 6}", "sampling.stepsPerEpoch=0", "optimization.accumulate=2"};
            assertTrue(refusal(recipe(pass)).contains("an epoch has 6 batches"), refusal(recipe(pass)));
            pass[0] = "sampling.unlabelled={every: 5}";
            Training.plan(job(recipe(pass)));
        });
    }

    private String refusal(Recipe recipe) {
        return assertThrows(InvalidRecipeException.class, () -> Training.plan(job(recipe)))
                .getMessage();
    }

    private TrainingJob job(Recipe recipe) {
        return new TrainingJob(recipe, cohort, folder.resolve("run"), Optional.empty(), false, "cpu", 1)
                .withUnlabelled(Optional.of(images));
    }

    @Test
    void unlabelledPatchesWithoutUnlabelledSubjectsAreRefused() {
        ListeningMethod.during(folder.resolve("services"), () -> {
            TrainingJob job = new TrainingJob(
                    recipe("sampling.unlabelled={share: 0.5}"),
                    cohort,
                    folder.resolve("run"),
                    Optional.empty(),
                    false,
                    "cpu",
                    1);
            String message = assertThrows(
                            InvalidCohortException.class, () -> Training.run(job, event -> {}, () -> false))
                    .getMessage();
            assertEquals(
                    "sampling.unlabelled asks for subjects without labels, but " + cohort
                            + " has none that the recipe can use;"
                            + " add them with --unlabelled DIR, or set sampling.unlabelled to {share: 0, every: 0}",
                    message);
        });
    }
}
