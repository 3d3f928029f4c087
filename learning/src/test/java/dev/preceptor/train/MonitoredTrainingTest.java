package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Settings;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings.Monitor;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.RunState;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Trainings of seconds whose schedule, selection and early stopping follow {@code validation.monitor}. */
@Tag("integration")
class MonitoredTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    private static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(TinyRuns.OVERRIDES);
        if (name.startsWith("mtcm")) {
            all.removeIf(override -> override.startsWith("network."));
            all.add("network={name: resunet, widths: [2, 4, 4]}");
        }
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    /** The state of a training that stops after some epochs of the student. */
    private static RunState stoppedAfter(int epochs, Recipe recipe, Path run) {
        AtomicBoolean isOver = new AtomicBoolean();
        TinyRuns.train(
                recipe,
                COHORT.path(),
                run,
                event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended) {
                        isOver.set(ended.role().equals("student") && ended.epoch() == epochs);
                    }
                },
                isOver::get);
        return new RunFolder(run)
                .checkpoints()
                .newest(notice -> {})
                .orElseThrow()
                .state();
    }

    private static List<JsonNode> student(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(Settings.JSON::readTree)
                .filter(line -> line.path("role").stringValue().equals("student"))
                .toList();
    }

    /** The monitored loss of an epoch, computed from its line in the metrics. */
    private static double expected(JsonNode line, Monitor monitor) {
        JsonNode validation = line.get("validation");
        return switch (monitor) {
            case TOTAL -> validation.get("loss").doubleValue();
            case SUPERVISED -> (validation.has("gt") ? validation.get("gt") : validation.get("loss")).doubleValue();
            case DICE ->
                1
                        - Stream.of("dice_WT", "dice_TC", "dice_ET")
                                .mapToDouble(key -> validation.get(key).doubleValue())
                                .average()
                                .orElseThrow();
        };
    }

    @ParameterizedTest
    @CsvSource({
        "kd-net-small, TOTAL",
        "kd-net-small, SUPERVISED",
        "kd-net-balanced-small, SUPERVISED",
        "kd-net-balanced-small, DICE",
        "mtcm-kd-small, SUPERVISED",
        "mtcm-kd-small, DICE",
        "baseline-small, DICE",
    })
    void theSelectedEpochIsTheBestByTheMonitoredValue(String name, Monitor monitor, @TempDir Path run)
            throws IOException {
        int epochs = 4;
        Recipe recipe = recipe(
                name,
                "validation.monitor=" + monitor,
                "optimization.learningRate=0.02",
                "optimization.epochs=" + (epochs + 1),
                "optimization.teacherEpochs=1");
        RunState state = stoppedAfter(epochs, recipe, run);
        List<JsonNode> lines = student(run);
        double[] losses =
                lines.stream().mapToDouble(line -> expected(line, monitor)).toArray();
        double lowest = DoubleStream.of(losses).min().orElseThrow();
        int epoch = 1
                + IntStream.range(0, losses.length)
                        .filter(i -> losses[i] == lowest)
                        .findFirst()
                        .orElseThrow();
        assertEquals(epochs, losses.length);
        assertEquals(lowest, state.best().loss(), 1e-12);
        assertEquals(lowest, state.lowest().loss(), 1e-12);
        assertEquals(lowest, state.plateau().lowest(), 1e-3);
        assertEquals(epoch, state.best().epoch());
        assertEquals(
                lines.get(epoch - 1).get("validation").get("dice_WT").doubleValue(),
                state.best().scores().get("dice_WT"));
    }

    @ParameterizedTest
    @CsvSource({"SUPERVISED, DICE_SEMIMETRIC", "DICE, BERNOULLI_KL"})
    void aStoppedTrainingEndsWithTheSameBytesAfterResuming(Monitor monitor, String response, @TempDir Path folder) {
        Recipe recipe = recipe(
                "kd-net-balanced-small",
                "validation.monitor=" + monitor,
                "distillation.response=" + response,
                "optimization.schedule.patience=0",
                "optimization.epochs=3");
        Path whole = folder.resolve("whole");
        TinyRuns.train(recipe, COHORT.path(), whole, false, () -> false);
        for (int steps : new int[] {2, 12, 15, 20}) {
            Path run = folder.resolve("stopped-" + steps);
            AtomicInteger asked = new AtomicInteger();
            TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > steps);
            assertTrue(TinyRuns.train(recipe, COHORT.path(), run, true, () -> false)
                    .finished());
            TinyRuns.assertSame(whole, run);
        }
    }

    @Test
    void theSupervisedLossOfABaselineIsItsTotal(@TempDir Path folder) {
        TinyRuns.train(recipe("baseline-small"), COHORT.path(), folder.resolve("total"), false, () -> false);
        TinyRuns.train(
                recipe("baseline-small", "validation.monitor=SUPERVISED"),
                COHORT.path(),
                folder.resolve("supervised"),
                false,
                () -> false);
        TinyRuns.assertSame(folder.resolve("total"), folder.resolve("supervised"));
    }

    @Test
    void withoutValidationTheSupervisedLossOfTheTrainingIsMonitored(@TempDir Path run) throws IOException {
        Recipe recipe = recipe(
                "kd-net-balanced-small",
                "validation.fraction=0",
                "optimization.epochs=2",
                "optimization.teacherEpochs=1");
        RunState state = stoppedAfter(1, recipe, run);
        assertEquals(
                student(run).get(0).get("training").get("gt").doubleValue(),
                state.lowest().loss());
    }

    @Test
    void theCardAndTheNoticeOfEarlyStoppingNameWhatIsMonitored(@TempDir Path folder) {
        List<String> notices = new ArrayList<>();
        Recipe recipe = recipe(
                "baseline-small",
                "validation.monitor=DICE",
                "optimization.learningRate=1e-12",
                "optimization.stopAfter=1",
                "optimization.epochs=9");
        TrainingResult result = TinyRuns.train(
                recipe,
                COHORT.path(),
                folder.resolve("run"),
                event -> {
                    if (event instanceof TrainingEvent.Notice notice) {
                        notices.add(notice.line());
                    }
                },
                () -> false);
        assertTrue(
                notices.stream().anyMatch(line -> line.contains("stopped early: no higher Dice since epoch 1")),
                notices.toString());
        String card =
                Safetensors.read(result.models().get("student")).metadata().get("card");
        assertTrue(card.contains("their Dice selected the weights"), card);
    }
}
