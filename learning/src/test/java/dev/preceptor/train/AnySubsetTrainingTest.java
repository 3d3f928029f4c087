package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.model.ModelFile;
import dev.preceptor.quality.GuardFinding;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings of seconds of networks that take any subset of their sequences. */
@Tag("integration")
class AnySubsetTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(6);

    @TempDir
    private Path folder;

    private static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(TinyRuns.OVERRIDES);
        if (!name.equals("zero-fill-small") && !name.equals("sequence-dropout-small")) {
            all.remove("network.skips=1");
            all.set(all.indexOf("network.widths=[2,4]"), "network.widths=[4,8]");
        }
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    private static Path student(Path run) {
        return run.resolve("models/student.safetensors");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "u-hemis-small",
                "u-hved-small",
                "rfnet-small",
                "robust-mseg-small",
                "zero-fill-small",
                "sequence-dropout-small"
            })
    void trainsResumesToTheByteAndPredictsFromEverySubset(String name) {
        Recipe recipe = recipe(name);
        Path whole = TinyRuns.assertResumesToTheByte(recipe, COHORT.path(), folder, 0, 4);
        ImageSet subject = Cohort.open(COHORT.path()).subjects().get(0).imageSet();
        try (Predictor predictor = Predictor.read(List.of(student(whole)), PredictionOptions.DEFAULTS)) {
            for (int bits = 1; bits < 16; bits++) {
                List<Sequence> shown = new ArrayList<>();
                for (int c = 0; c < 4; c++) {
                    if ((bits >> c & 1) == 1) {
                        shown.add(Sequence.BRATS.get(c));
                    }
                }
                assertEquals(shown, predictor.predict(subject.volumes(shown)).used());
            }
        }
    }

    @Test
    void subjectsThatLackASequenceTrainAndThoseWithoutTheBedsideAreLeftOut() {
        Path cohort = folder.resolve("cohort");
        CohortFixture fixture = CohortFixture.brats2021(cohort, 6);
        List<String> ids = CohortFixture.ids(Cohort.open(cohort));
        fixture.delete(ids.get(0), "flair").delete(ids.get(1), "t1ce");
        List<String> used =
                Training.select(recipe("u-hemis-small"), Cohort.open(cohort)).used();
        assertTrue(used.contains(ids.get(0)));
        assertFalse(used.contains(ids.get(1)));
        assertTrue(TinyRuns.train(recipe("u-hemis-small"), cohort, folder.resolve("run"), false, () -> false)
                .finished());
    }

    @Test
    void predictTakesTheSequencesThatAreThereAndSaysWhich() throws IOException {
        Path run = folder.resolve("run");
        TinyRuns.train(recipe("u-hemis-small"), COHORT.path(), run, false, () -> false);
        ImageSet subject = Cohort.open(COHORT.path()).subjects().get(0).imageSet();
        Path input = Files.createDirectories(folder.resolve("input"));
        for (Sequence sequence : List.of(Sequence.T1CE, Sequence.FLAIR)) {
            Path file = subject.image(sequence).files().get(0);
            Files.copy(file, input.resolve(file.getFileName().toString()));
        }
        assertEquals(
                List.of(Sequence.T1CE),
                ModelFile.read(student(run)).description().bedside());
        try (Predictor predictor = Predictor.read(List.of(student(run)), PredictionOptions.DEFAULTS)) {
            PredictionJob.Done both = run(input, Optional.empty(), predictor);
            assertEquals(List.of(Sequence.T1CE, Sequence.FLAIR), both.used());
            assertEquals(List.of(Sequence.T1, Sequence.T2), both.absent());
            assertEquals(
                    List.of(
                            "guard unvalidated-sequences: segmented from T1CE, FLAIR, but the model was validated with T1CE"
                                    + " (score 1.00, threshold 0.00)"),
                    fired(both));
            Path file = input.resolve(
                    subject.image(Sequence.T1CE).files().get(0).getFileName().toString());
            PredictionJob.Done bedside = run(file, Optional.empty(), predictor);
            assertEquals(List.of(Sequence.T1CE), bedside.used());
            assertEquals(List.of(), fired(bedside));
            Path unnamed = input.resolve("image.nii.gz");
            Files.move(file, unnamed);
            assertEquals(
                    List.of(Sequence.T2),
                    run(unnamed, Optional.of(Sequence.T2), predictor).used());
            String message = assertThrows(MismatchException.class, () -> run(unnamed, Optional.empty(), predictor))
                    .getMessage();
            assertEquals(
                    unnamed
                            + ": the model takes any of [T1, T1CE, T2, FLAIR], and the name does not say which this is; add"
                            + " --sequence",
                    message);
        }
        AtomicFiles.deleteFolder(input);
    }

    private static List<String> fired(PredictionJob.Done done) {
        return done.assessment().fired().stream().map(GuardFinding::toString).toList();
    }

    private PredictionJob.Done run(Path input, Optional<Sequence> sequence, Predictor predictor) {
        return new PredictionJob(input, folder.resolve("out.nii.gz"), false, sequence)
                .run(predictor, done -> {})
                .done()
                .get(0);
    }
}
