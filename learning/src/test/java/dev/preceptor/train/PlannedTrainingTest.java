package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.plan.CohortShape;
import dev.preceptor.plan.MemoryEstimate;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.plan.StepMemory;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class PlannedTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    private static Recipe auto(String... overrides) {
        List<String> all = new ArrayList<>(List.of("plan=auto", "memory=8", "sampling.patch=[64,64,64]"));
        all.addAll(List.of(overrides));
        return TinyRuns.recipe("baseline-small", all.toArray(String[]::new));
    }

    @Test
    void aPlanIsReportedAndWrittenIntoTheRecipeOfTheRun(@TempDir Path folder) {
        Path run = folder.resolve("run");
        List<String> notices = new ArrayList<>();
        TrainingResult outcome = TinyRuns.train(
                auto(),
                COHORT.path(),
                run,
                event -> {
                    if (event instanceof TrainingEvent.Notice notice) {
                        notices.add(notice.line());
                    }
                },
                () -> false);
        assertTrue(outcome.finished());
        // The brains have 10x8x6 voxels; the minimal extent of a patch is 8.
        assertTrue(
                notices.get(0).startsWith("plan: patch 10x8x8, 2 levels of 2, 4 channels, batch 2: about 0."),
                notices + "");
        assertTrue(notices.get(0).endsWith(" of 8.00 GiB"), notices + "");
        Recipe written = Recipe.read(run.resolve("recipe.yaml"));
        assertEquals(Planning.AS_WRITTEN, written.plan());
        assertEquals(List.of(10, 8, 8), written.sampling().patch());
        assertEquals(2, written.sampling().batch());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{name: resunet, widths: [4, 8, 16]}",
                "{name: nnunet, widths: [4, 8, 16]}",
                "{name: nnunet, widths: [4, 8, 16], encoder: RESIDUAL}",
                "{name: multiresunet, widths: [4, 8, 16]}"
            })
    void aPlanSetsTheWidthsOfEveryNetwork(String network, @TempDir Path folder) {
        TrainingJob job = new TrainingJob(
                auto("network=" + network), COHORT.path(), folder.resolve("run"), Optional.empty(), false, "cpu", 1);
        PlannedRecipe planned = PlannedRecipe.of(
                job,
                LabelSpace.BRATS_2018,
                CohortSummary.of(Cohort.open(COHORT.path())).fingerprint(),
                List.of(),
                1);
        assertEquals(List.of(4, 8), planned.recipe().widths());
        assertEquals(new Size(10, 8, 8), planned.plan().orElseThrow().patch());
    }

    @Test
    void aResumedTrainingKeepsItsPlanWithAnotherMemory(@TempDir Path folder) {
        Path whole = folder.resolve("whole");
        TinyRuns.train(auto(), COHORT.path(), whole, false, () -> false);
        Path run = folder.resolve("run");
        AtomicInteger calls = new AtomicInteger();
        TinyRuns.train(auto("memory=0"), COHORT.path(), run, false, () -> calls.incrementAndGet() > 4);
        Recipe begun = Recipe.read(run.resolve("recipe.yaml"));
        // With memory=0 this machine plans something else than the plan of the folder.
        assertTrue(TinyRuns.train(auto("memory=0"), COHORT.path(), run, true, () -> false)
                .finished());
        assertEquals(begun.toYaml(), Recipe.read(run.resolve("recipe.yaml")).toYaml());
        TinyRuns.assertSame(whole, run);
    }

    @Test
    void aWrittenPlanThatDoesNotFitIsRefusedBeforeAFileIsWritten(@TempDir Path folder) {
        Path run = folder.resolve("run");
        PreceptorException refused = assertThrows(
                PreceptorException.class,
                () -> TinyRuns.train(
                        TinyRuns.recipe("baseline-small", "memory=0.3"), COHORT.path(), run, false, () -> false));
        assertTrue(
                refused.getMessage().startsWith("the training does not fit into its memory: patch 8x8x8, 2 levels"),
                refused.getMessage());
        assertFalse(Files.exists(run));
    }

    @Test
    void aPreviewGivesMemoryAndTheTimeOfTheStepsAndWritesNothing(@TempDir Path folder) {
        Path run = folder.resolve("run");
        Recipe recipe = TinyRuns.recipe("kd-net-small");
        TrainingPreview preview =
                Training.preview(new TrainingJob(recipe, COHORT.path(), run, Optional.empty(), false, "cpu", 1));
        assertEquals("", preview.problem());
        assertEquals(
                List.of("teacher", "student"),
                preview.phases().stream().map(StepTimer.PhaseTime::role).toList());
        assertEquals(
                preview.phases().stream()
                        .mapToDouble(phase -> phase.steps() * phase.secondsPerStep())
                        .sum(),
                preview.seconds(),
                1e-9);
        List<String> lines = preview.lines();
        assertTrue(lines.get(0).startsWith("patch 8x8x8, ") && lines.get(0).endsWith(" GiB"), lines.get(0));
        assertTrue(
                lines.get(1)
                        .matches("about \\d+ (s|min) of steps on this machine, 1 thread: teacher \\d+ of [0-9.]+ s,"
                                + " student \\d+ of [0-9.]+ s; .*"),
                lines.get(1));
        assertFalse(Files.exists(run));
    }

    @Test
    void aPreviewMeasuresNoStepThatDoesNotFitIntoTheMachine(@TempDir Path folder) {
        Recipe recipe = TinyRuns.recipe("baseline", "sampling.patch=[512,512,512]", "sampling.batch=64");
        TrainingPreview preview = Training.preview(
                new TrainingJob(recipe, COHORT.path(), folder.resolve("run"), Optional.empty(), false, "cpu", 1));
        assertEquals(List.of(), preview.phases());
        assertEquals(
                "time is unknown: it does not fit into the memory of this machine",
                preview.lines().get(1));
    }

    @Test
    void planningForAGpuWithoutItsMemoryIsRefused(@TempDir Path folder) {
        TrainingJob job = new TrainingJob(
                auto("memory=0"), COHORT.path(), folder.resolve("run"), Optional.empty(), false, "cuda:0", 1);
        assertTrue(assertThrows(PreceptorException.class, () -> Training.plan(job))
                .getMessage()
                .startsWith("memory must be given in GiB for plan: AUTO on cuda:0"));
    }

    @Nested
    class Estimates {
        @ParameterizedTest
        @ValueSource(strings = {"baseline-small", "kd-net-small", "mtcm-kd-small"})
        void growWithPatchAndBatchAndShrinkWithActivationCheckpointing(String name) {
            Recipe recipe = Recipe.load(name, List.of());
            StepMemory memory = StepMemory.of(recipe, LabelSpace.BRATS_2018, List.of(), StepMemory.Heap.NONE, true);
            MemoryEstimate small = memory.estimate(Size.cube(32), 1);
            MemoryEstimate large = memory.estimate(Size.cube(64), 1);
            assertEquals(small.weights(), large.weights());
            assertEquals(8.0, (double) large.forward() / small.forward(), 0.01);
            assertEquals(large.forward(), memory.estimate(Size.cube(32), 8).forward(), 0.01 * large.forward());
            StepMemory checkpointing =
                    StepMemory.of(recipe.recomputing(), LabelSpace.BRATS_2018, List.of(), StepMemory.Heap.NONE, true);
            assertTrue(checkpointing.estimate(Size.cube(64), 1).forward() < large.forward());
        }

        @Test
        void addUpTeachersThatAreTrainedTogether() {
            MemoryEstimate together = of("mtcm-kd-small", "distillation.oneByOne=false");
            MemoryEstimate oneByOne = of("mtcm-kd-small", "distillation.oneByOne=true");
            assertTrue(together.forward() > 2 * oneByOne.forward(), together + " and " + oneByOne);
            assertEquals(together.weights(), oneByOne.weights());
        }

        @Test
        void countATeacherByItsOwnNetwork() {
            MemoryEstimate equal = of("kd-net-small");
            MemoryEstimate larger = of("kd-net-small", "teacherNetwork={name: resunet, widths: [32, 64, 128, 128]}");
            assertTrue(larger.weights() > 4 * equal.weights(), larger + " and " + equal);
            assertTrue(larger.total() > equal.total(), larger + " and " + equal);
            Recipe recipe =
                    Recipe.load("kd-net-small", List.of("teacherNetwork={name: resunet, widths: [8, 8, 8, 8, 8]}"));
            assertEquals(
                    16,
                    StepMemory.of(recipe, LabelSpace.BRATS_2018, List.of(), StepMemory.Heap.NONE, true)
                            .totalStride());
        }

        @Test
        void includeTheStateOfTheOptimizer() {
            long adam = of("baseline-small").weights();
            assertEquals(
                    adam * 2 / 4,
                    of("baseline-small", "optimization.optimizer={name: sgd, momentum: 0, nesterov: false}")
                            .weights());
            assertEquals(
                    adam * 5 / 4, of("baseline-small", "optimization.ema=0.9").weights());
        }

        private static MemoryEstimate of(String name, String... overrides) {
            return StepMemory.of(
                            Recipe.load(name, List.of(overrides)),
                            LabelSpace.BRATS_2018,
                            List.of(),
                            StepMemory.Heap.NONE,
                            true)
                    .estimate(Size.cube(32), 2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crop: BRAIN",
                "crop: NONE",
                "{crop: BRAIN, stride: 2}",
                "{crop: NONE, orientation: SAR, spacing: 2}",
                "{crop: BRAIN, orientation: ARS}",
                "{crop: CENTRE, size: [7, 8, 9], stride: 2}",
                "{crop: NONE, resize: [6, 5, 4]}"
            })
    void theShapeOfACohortEqualsTheShapeOfItsPreprocessedSubjects(String settings) {
        String block = settings.startsWith("{") ? settings : "{" + settings + "}";
        Preprocessing preprocessing = Recipe.load(
                        "baseline-small", List.of("preprocessing.spacing=0", "preprocessing=" + block))
                .preprocessing();
        Cohort opened = Cohort.open(COHORT.path());
        CohortShape shape = CohortShape.of(CohortSummary.of(opened).fingerprint(), preprocessing);
        Subject subject = opened.subjects().get(0);
        List<Volume> volumes = List.copyOf(
                subject.volumes(List.of(Sequence.T1, Sequence.FLAIR)).values());
        Size size = preprocessing.prepare(volumes).grid().size();
        double[] spacing = preprocessing.prepare(volumes).grid().spacing();
        for (int axis = 0; axis < 3; axis++) {
            assertEquals(size.along(axis), shape.median()[axis], "axis " + axis);
            assertEquals(spacing[axis], shape.spacing()[axis], 1e-9, "axis " + axis);
        }
        assertEquals(4L * size.voxels(), shape.voxels());
    }
}
