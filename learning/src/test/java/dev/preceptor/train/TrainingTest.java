package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Subject;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.Split;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Tag("integration")
class TrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    @Nested
    class AFinishedRun {
        @Test
        void hasAllItsFiles(@TempDir Path folder) throws IOException {
            Path run = folder.resolve("run");
            TrainingResult result =
                    TinyRuns.train(TinyRuns.recipe("kd-net-small"), COHORT.path(), run, false, () -> false);
            assertTrue(result.finished());
            assertEquals(Set.of("teacher", "student"), result.models().keySet());
            for (String file : List.of(
                    "recipe.yaml",
                    "run.json",
                    "metrics.jsonl",
                    "models/student.safetensors",
                    "models/teacher.safetensors")) {
                assertTrue(Files.size(run.resolve(file)) > 0, file);
            }
            assertTrue(Files.readString(run.resolve("run.json")).contains("\"finished\""));
            assertEquals(4, Files.readAllLines(run.resolve("metrics.jsonl")).size());
            try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
                assertEquals(2, checkpoints.count());
            }
        }

        @Test
        void recordsTheSubjectsOfItsTrainingAndOfItsTeachersInItsModels(@TempDir Path folder) {
            TrainingResult first = TinyRuns.train(
                    TinyRuns.recipe("kd-net-small"), COHORT.path(), folder.resolve("a"), false, () -> false);
            ModelDescription student =
                    ModelFile.read(first.models().get("student")).description();
            TrainedOn trainedOn = TrainedOn.of(student).orElseThrow();
            assertEquals(3, trainedOn.training().size());
            assertEquals(1, trainedOn.selection().size());
            Subject subject = Cohort.open(COHORT.path())
                    .subject(trainedOn.training().keySet().iterator().next());
            assertEquals(SubjectContent.of(subject), trainedOn.training().get(subject.id()));
            assertEquals(5, SubjectContent.of(subject).hashes().size(), "four images and the labels");
            CohortFixture others = new CohortFixture(folder.resolve("others"));
            others.legacySubject("", "BraTS2021_00017", 17, ".nii").legacySubject("", "BraTS2021_00018", 18, ".nii");
            Recipe withTeachers = TinyRuns.recipe("kd-net-small", "teacherModels=[\"" + folder.resolve("a") + "\"]");
            TrainingResult second =
                    TinyRuns.train(withTeachers, others.root(), folder.resolve("b"), false, () -> false);
            TrainedOn both = TrainedOn.of(
                            ModelFile.read(second.models().get("student")).description())
                    .orElseThrow();
            assertTrue(
                    both.training().keySet().containsAll(trainedOn.training().keySet()), "the subjects of the teacher");
            assertEquals(4, both.training().size());
        }

        @Test
        void dependsOnItsSeedOnly(@TempDir Path folder) {
            Map<String, ArrayData> first = weights(folder.resolve("a"), TinyRuns.recipe("kd-net-small"));
            assertSameWeights(first, weights(folder.resolve("b"), TinyRuns.recipe("kd-net-small")));
            Map<String, ArrayData> other = weights(folder.resolve("c"), TinyRuns.recipe("kd-net-small", "seed=2"));
            assertFalse(Arrays.equals(bytes(first, "head.weight"), bytes(other, "head.weight")));
        }

        @Test
        void excludesTheHeldOutFold(@TempDir Path folder) throws IOException {
            Path run = folder.resolve("run");
            Training.run(
                    new TrainingJob(
                            TinyRuns.recipe("baseline-small", "optimization.epochs=1"),
                            COHORT.path(),
                            run,
                            Optional.of(new FoldChoice(2, 4)),
                            false,
                            "cpu",
                            1),
                    event -> {},
                    () -> false);
            Split split = Settings.JSON.treeToValue(
                    Settings.JSON
                            .readTree(Files.readString(run.resolve("run.json")))
                            .get("split"),
                    Split.class);
            Set<String> all = new HashSet<>(split.training());
            all.addAll(split.validation());
            all.addAll(split.heldOut());
            assertEquals(4, all.size());
            assertEquals(1, split.heldOut().size());
            assertEquals(
                    split.heldOut(),
                    Folds.read(run.resolve("folds.json")).fold(1).heldOut());
            assertEquals(
                    4,
                    split.training().size()
                            + split.validation().size()
                            + split.heldOut().size());
        }
    }

    @Nested
    class AStoppedRun {
        @Test
        void hasCheckpointsFromWithinItsEpochsIfMinutesHavePassed(@TempDir Path folder) {
            Recipe recipe = TinyRuns.recipe("baseline-small", "checkpointEvery=100", "checkpointMinutes=1e-9");
            List<String> written = new ArrayList<>();
            TinyRuns.train(
                    recipe,
                    COHORT.path(),
                    folder.resolve("run"),
                    event -> {
                        if (event instanceof TrainingEvent.CheckpointWritten checkpoint) {
                            written.add(checkpoint.folder().getFileName().toString());
                        }
                    },
                    () -> false);
            assertEquals(List.of("000001", "000002", "000003", "000004", "000005", "000006", "000006"), written);
        }

        @Test
        void canBeStoppedDuringValidation(@TempDir Path folder) {
            Recipe recipe = TinyRuns.recipe("baseline-small", "validation.fraction=0.5");
            Path whole = folder.resolve("whole");
            TinyRuns.train(recipe, COHORT.path(), whole, false, () -> false);
            Path run = folder.resolve("run");
            AtomicInteger asked = new AtomicInteger();
            // Asked before each of three steps, then before each of two subjects.
            assertFalse(TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > 4)
                    .finished());
            assertEquals("000003", newest(run));
            TinyRuns.train(recipe, COHORT.path(), run, true, () -> false);
            TinyRuns.assertSame(whole, run);
        }

        @Test
        void thatWasKilledBeforeItsRecipeWasWrittenStartsAgain(@TempDir Path folder) throws IOException {
            Path run = Files.createDirectories(folder.resolve("run"));
            Files.writeString(run.resolve(".run.json.123-1.part"), "{");
            Files.writeString(run.resolve("run.json"), "{}");
            Files.writeString(run.resolve(".lock"), "");
            assertTrue(TinyRuns.train(TinyRuns.recipe("baseline-small"), COHORT.path(), run, true, () -> false)
                    .finished());
            assertFalse(Files.exists(run.resolve(".run.json.123-1.part")));
        }

        @Test
        void endsWithTheSameWeightsAfterResuming(@TempDir Path folder) {
            Recipe recipe = TinyRuns.recipe("kd-net-small");
            Map<String, ArrayData> whole = weights(folder.resolve("whole"), recipe);
            for (int steps : new int[] {1, 4, 6, 7, 11}) {
                Path run = folder.resolve("stopped-" + steps);
                AtomicInteger asked = new AtomicInteger();
                TrainingResult stopped =
                        TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > steps);
                assertFalse(stopped.finished());
                TrainingResult resumed = TinyRuns.train(recipe, COHORT.path(), run, true, () -> false);
                assertSameWeights(
                        whole, ModelFile.read(resumed.models().get("student")).weights());
                assertEquals(4, lines(run), "after a stop at step " + steps);
            }
        }

        @Test
        void resumesFromTheCheckpointBeforeADamagedOne(@TempDir Path folder) throws IOException {
            Recipe recipe = TinyRuns.recipe("baseline-small", "optimization.epochs=4");
            Map<String, ArrayData> whole = weights(folder.resolve("whole"), recipe);
            Path run = folder.resolve("run");
            AtomicInteger asked = new AtomicInteger();
            TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > 10);
            Path newest = newestCheckpoint(run);
            byte[] bytes = Files.readAllBytes(newest.resolve("weights.safetensors"));
            bytes[bytes.length - 1] ^= 1;
            Files.write(newest.resolve("weights.safetensors"), bytes);
            List<String> notices = new ArrayList<>();
            TrainingResult resumed = Training.run(
                    new TrainingJob(recipe, COHORT.path(), run, Optional.empty(), true, "cpu", 1),
                    event -> {
                        if (event instanceof TrainingEvent.Notice notice) {
                            notices.add(notice.line());
                        }
                    },
                    () -> false);
            assertEquals(1, notices.size());
            assertTrue(notices.get(0).contains("is damaged and skipped"), notices.get(0));
            assertSameWeights(
                    whole, ModelFile.read(resumed.models().get("student")).weights());
        }
    }

    @Test
    void aRunOfTwoVersionsNamesBoth(@TempDir Path folder) throws IOException {
        Recipe recipe = TinyRuns.recipe("baseline-small");
        Path run = folder.resolve("run");
        AtomicInteger asked = new AtomicInteger();
        TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > 2);
        Path description = run.resolve("run.json");
        ObjectNode written = (ObjectNode) Settings.JSON.readTree(Files.readString(description));
        // As versions before builds were listed wrote it.
        written.put("version", "0.0.7").put("commit", "abc").remove("builds");
        Files.writeString(description, written.toString());
        List<String> notices = new ArrayList<>();
        TinyRuns.train(
                recipe,
                COHORT.path(),
                run,
                true,
                event -> {
                    if (event instanceof TrainingEvent.Notice notice) {
                        notices.add(notice.line());
                    }
                },
                () -> false);
        String own = BuildInfo.VERSION + " (" + BuildInfo.COMMIT + ")";
        assertEquals(
                List.of("resumed with Preceptor " + own
                        + ", trained so far with 0.0.7 (abc): the weights may differ from those"
                        + " of one version alone"),
                notices);
        JsonNode builds = Settings.JSON.readTree(Files.readString(description)).get("builds");
        assertEquals(
                List.of("0.0.7 (abc)", own),
                builds.valueStream().map(JsonNode::stringValue).toList());
    }

    @Nested
    class Refused {
        @Test
        void aFolderThatIsNotEmpty(@TempDir Path folder) throws IOException {
            Files.writeString(folder.resolve("precious.txt"), "mine");
            assertRefused(TinyRuns.recipe("baseline-small"), COHORT.path(), folder, "add --resume to continue");
            assertEquals("mine", Files.readString(folder.resolve("precious.txt")));
        }

        @Test
        void resumingWithAnotherRecipe(@TempDir Path folder) {
            Path run = folder.resolve("run");
            TinyRuns.train(TinyRuns.recipe("baseline-small"), COHORT.path(), run, false, () -> true);
            PreceptorException refused = assertThrows(
                    PreceptorException.class,
                    () -> TinyRuns.train(
                            TinyRuns.recipe("baseline-small", "seed=3"), COHORT.path(), run, true, () -> false));
            assertTrue(refused.getMessage().contains("another recipe"), refused.getMessage());
            assertTrue(
                    refused.getMessage().contains("seed is 1 in " + run.resolve("recipe.yaml") + " and 3 now"),
                    refused.getMessage());
        }

        @Test
        void aFolderInWhichAnotherTrainingIsRunning(@TempDir Path folder) {
            Path run = folder.resolve("run");
            Recipe recipe = TinyRuns.recipe("baseline-small");
            List<String> refusals = new ArrayList<>();
            TinyRuns.train(
                    recipe,
                    COHORT.path(),
                    run,
                    event -> {
                        if (event instanceof TrainingEvent.EpochEnded) {
                            refusals.add(assertThrows(
                                            PreceptorException.class,
                                            () -> TinyRuns.train(recipe, COHORT.path(), run, true, () -> false))
                                    .getMessage());
                        }
                    },
                    () -> false);
            assertEquals(2, refusals.size());
            assertTrue(refusals.get(0).contains("another training is running in this folder"), refusals.get(0));
        }

        @Test
        void resumingWithAnotherFoldOrCohort(@TempDir Path folder) {
            Path run = folder.resolve("run");
            Recipe recipe = TinyRuns.recipe("baseline-small");
            train(recipe, COHORT.path(), run, 1, false);
            PreceptorException fold =
                    assertThrows(PreceptorException.class, () -> train(recipe, COHORT.path(), run, 2, true));
            assertTrue(fold.getMessage().contains("fold or split"), fold.getMessage());
            Path other = TinyRuns.cohort(folder.resolve("other"), 3);
            PreceptorException data = assertThrows(PreceptorException.class, () -> train(recipe, other, run, 1, true));
            assertTrue(data.getMessage().contains("cohort"), data.getMessage());
        }

        private static void train(Recipe recipe, Path cohort, Path run, int fold, boolean resume) {
            Training.run(
                    new TrainingJob(recipe, cohort, run, Optional.of(new FoldChoice(fold, 2)), resume, "cpu", 1),
                    event -> {},
                    () -> true);
        }

        @Test
        void aSubjectWithoutABrain(@TempDir Path folder) {
            CohortFixture fixture = CohortFixture.brats2021(folder.resolve("cohort"), 3);
            Path image = fixture.root().resolve("BraTS2021_00002").resolve("BraTS2021_00002_t1ce.nii.gz");
            Nifti.write(image, new Volume(CohortFixture.GRID, new float[CohortFixture.SIZE.voxels()]));
            assertRefused(
                    TinyRuns.recipe("baseline-small"),
                    fixture.root(),
                    folder.resolve("run"),
                    "subject BraTS2021_00002");
        }

        @Test
        void aCohortWithoutLabels(@TempDir Path folder) {
            CohortFixture fixture = CohortFixture.brats2021(folder.resolve("cohort"), 2);
            try (Stream<Path> files = Files.walk(fixture.root())) {
                for (Path file :
                        files.filter(f -> f.toString().contains("_seg")).toList()) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            assertRefused(TinyRuns.recipe("baseline-small"), fixture.root(), folder.resolve("run"), "has a label map");
            assertFalse(Files.exists(folder.resolve("run")));
        }

        @Test
        void aPatchThatIsNoMultipleOfTheNetworksStride(@TempDir Path folder) {
            assertRefused(
                    TinyRuns.recipe("baseline-small", "network.widths=[2,2,2,2,4]", "sampling.patch=[8,8,8]"),
                    COHORT.path(),
                    folder.resolve("run"),
                    "sampling.patch must be multiples of 16");
            assertFalse(Files.exists(folder.resolve("run")));
        }

        @Test
        void anInvalidRecipeBeforeVolumesAreRead(@TempDir Path folder) throws IOException {
            Path cohort = COHORT.path();
            Path run = folder.resolve("run");
            assertRefused(
                    TinyRuns.recipe("baseline-small", "sampling.patch=[9,8,8]"),
                    cohort,
                    run,
                    "sampling.patch must be multiples of 2");
            assertRefused(
                    TinyRuns.recipe("baseline-small", "network.attention=SOME"),
                    cohort,
                    run,
                    "network unet has no setting");
            assertRefused(
                    TinyRuns.recipe("baseline-small", "plan=AUTO", "network={name: vnet, widths: [2, 4]}"),
                    cohort,
                    run,
                    "network.name must be one of");
            assertRefused(
                    TinyRuns.recipe("baseline-small", "distillation.deepSupervision=7"),
                    cohort,
                    run,
                    "distillation.deepSupervision asks for more heads");
            assertRefused(
                    TinyRuns.recipe("kd-net-small", "teacherModels=[none.safetensors]"), cohort, run, "teacherModels");
            assertFalse(Files.exists(run));
            Files.createDirectories(run);
            Files.writeString(run.resolve("precious.txt"), "mine");
            assertRefused(TinyRuns.recipe("baseline-small"), cohort, run, "this folder is not empty");
        }

        @Test
        void resumingWithAnotherRecipeBeforeTheCohortIsRead(@TempDir Path folder) {
            Path run = folder.resolve("run");
            TinyRuns.train(TinyRuns.recipe("baseline-small"), COHORT.path(), run, false, () -> true);
            PreceptorException refused = assertThrows(
                    PreceptorException.class,
                    () -> TinyRuns.train(
                            TinyRuns.recipe("baseline-small", "seed=3"),
                            folder.resolve("nowhere"),
                            run,
                            true,
                            () -> false));
            assertTrue(refused.getMessage().contains("another recipe"), refused.getMessage());
        }

        @Test
        void resumingWithADamagedLineOfMetricsBeforeTraining(@TempDir Path folder) throws IOException {
            Path run = folder.resolve("run");
            Recipe recipe = TinyRuns.recipe("baseline-small", "optimization.epochs=4");
            AtomicInteger epochs = new AtomicInteger();
            TinyRuns.train(
                    recipe,
                    COHORT.path(),
                    run,
                    event -> epochs.addAndGet(event instanceof TrainingEvent.EpochEnded ? 1 : 0),
                    () -> epochs.get() == 2);
            Path metrics = run.resolve("metrics.jsonl");
            byte[] bytes = Files.readAllBytes(metrics);
            bytes[3] = (byte) 0xFF;
            Files.write(metrics, bytes);
            PreceptorException refused = assertThrows(
                    PreceptorException.class, () -> TinyRuns.train(recipe, COHORT.path(), run, true, () -> false));
            assertTrue(refused.getMessage().startsWith(metrics + ": line 1 is damaged"), refused.getMessage());
            assertFalse(Files.exists(run.resolve("models")));
        }

        @Test
        void moreFoldsThanSubjects(@TempDir Path folder) {
            PreceptorException refused = assertThrows(
                    PreceptorException.class,
                    () -> Training.run(
                            new TrainingJob(
                                    TinyRuns.recipe("baseline-small"),
                                    COHORT.path(),
                                    folder.resolve("run"),
                                    Optional.of(new FoldChoice(1, 9)),
                                    false,
                                    "cpu",
                                    1),
                            event -> {},
                            () -> false));
            assertTrue(refused.getMessage().contains("too few for 9 folds"), refused.getMessage());
        }

        private static void assertRefused(Recipe recipe, Path cohort, Path run, String expected) {
            PreceptorException refused = assertThrows(
                    PreceptorException.class, () -> TinyRuns.train(recipe, cohort, run, false, () -> false));
            assertTrue(refused.getMessage().contains(expected), refused.getMessage());
        }
    }

    private static Map<String, ArrayData> weights(Path run, Recipe recipe) {
        TrainingResult result = TinyRuns.train(recipe, COHORT.path(), run, false, () -> false);
        return ModelFile.read(result.models().get("student")).weights();
    }

    private static void assertSameWeights(Map<String, ArrayData> expected, Map<String, ArrayData> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.keySet().forEach(name -> assertArrayEquals(bytes(expected, name), bytes(actual, name), name));
    }

    private static byte[] bytes(Map<String, ArrayData> weights, String name) {
        byte[] bytes = new byte[weights.get(name).bytes().remaining()];
        weights.get(name).bytes().get(bytes);
        return bytes;
    }

    private static int lines(Path run) {
        return (int) read(run.resolve("metrics.jsonl")).lines().count();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String newest(Path run) {
        try {
            return newestCheckpoint(run).getFileName().toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path newestCheckpoint(Path run) throws IOException {
        try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
            return all.sorted().reduce((a, b) -> b).orElseThrow();
        }
    }
}
