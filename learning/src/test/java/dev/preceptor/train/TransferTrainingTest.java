package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.Settings;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.model.ModelFile;
import dev.preceptor.quality.Reliability;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Trainings of seconds in which a teacher labels subjects, and of ensembles of teachers. */
@Tag("integration")
class TransferTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(8);

    @TempDir
    private Path folder;

    private static Recipe transfer(String... overrides) {
        List<String> all = new ArrayList<>(List.of(
                "sampling.labelled=3",
                "optimization.teacherEpochs=2",
                "sampling.batch=2",
                "sampling.unlabelled.share=0.5"));
        all.addAll(List.of(overrides));
        return TinyRuns.recipe("transfer-small", all.toArray(String[]::new));
    }

    private static List<String> notices(Recipe recipe, Path cohort, Path run) {
        List<String> notices = new ArrayList<>();
        TinyRuns.train(
                recipe,
                cohort,
                run,
                event -> {
                    if (event instanceof TrainingEvent.Notice notice) {
                        notices.add(notice.line());
                    }
                },
                () -> false);
        return notices;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "distillation={ramp: 2, pseudoLabels: SOFT}",
                "distillation={regionWeights: ADVANTAGE, regions: [WT, ET]}",
                "teacherEnsemble={size: 2, outOfFold: true}",
                "distillation.outputs=CLASSES"
            })
    void aStoppedTrainingEndsWithTheSameBytesAfterResuming(String override) {
        Recipe recipe = transfer(override);
        // Among the stops are the steps of both phases, the scoring of the teacher and the labelling.
        TinyRuns.assertResumesToTheByte(recipe, COHORT.path(), folder, 0, 6);
    }

    @Test
    void labelsBeyondTheBudgetDecideNothing() throws IOException {
        Path other = folder.resolve("other");
        AtomicFiles.createFolder(other);
        Path first = folder.resolve("first");
        String fit = "validation.reliability=FIT";
        notices(transfer(fit), COHORT.path(), first);
        JsonNode split = Settings.JSON
                .readTree(Files.readString(first.resolve("run.json")))
                .get("split");
        List<String> unlabelled =
                split.get("unlabelled").valueStream().map(JsonNode::stringValue).toList();
        assertEquals(5, unlabelled.size());
        assertEquals(2, split.get("training").size(), "one of the three labelled subjects validates");
        CohortFixture altered = CohortFixture.brats2021(other, 8);
        byte[] labels = new byte[CohortFixture.SIZE.voxels()];
        labels[100] = 2;
        labels[101] = 4;
        unlabelled.forEach(id -> altered.replaceLabels(id, labels));
        Path second = folder.resolve("second");
        notices(transfer(fit), other, second);
        TinyRuns.assertSameWeights(first, second);
        for (String role : List.of("teacher", "student")) {
            assertTrue(reliability(first, role).guards().isPresent(), role);
            assertTrue(reliability(first, role).equals(reliability(second, role)), role);
        }
    }

    private static Reliability reliability(Path run, String role) {
        return ModelFile.read(run.resolve("models/" + role + ".safetensors"))
                .description()
                .reliability();
    }

    @Test
    void theTeachersLabelsChangeTheStudentAndNotTheTeacher() {
        Path taught = folder.resolve("taught");
        Path untaught = folder.resolve("untaught");
        List<String> notices = notices(transfer(), COHORT.path(), taught);
        assertTrue(notices.contains("teacher labels 5 subjects without labels"), notices.toString());
        notices(transfer("distillation.weight=0"), COHORT.path(), untaught);
        assertEquals(weights(taught, "teacher"), weights(untaught, "teacher"));
        assertFalse(weights(taught, "student").equals(weights(untaught, "student")));
    }

    private static Map<String, ByteBuffer> weights(Path run, String role) {
        Map<String, ByteBuffer> weights = new TreeMap<>();
        ModelFile.read(run.resolve("models/" + role + ".safetensors"))
                .weights()
                .forEach((name, array) -> weights.put(name, array.bytes()));
        return weights;
    }

    @Test
    void aStudentStartsFromAnEarlierRun() {
        Path first = folder.resolve("first");
        notices(transfer(), COHORT.path(), first);
        Path second = folder.resolve("second");
        notices(
                TinyRuns.recipe("baseline-small", "start=" + first, "optimization.learningRate=1e-9"),
                COHORT.path(),
                second);
        Map<String, ByteBuffer> after = weights(second, "student");
        weights(first, "student")
                .forEach((name, array) -> assertArrayEquals(
                        floats(array),
                        floats(after.get(name)),
                        1e-6f,
                        name + ": steps at a rate of 1e-9 leave the start as it is"));
    }

    private static float[] floats(ByteBuffer bytes) {
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }

    @Test
    void subjectsThatNobodyDrawsAreListed() {
        List<String> notices =
                notices(transfer("sampling.unlabelled.subjects=2"), COHORT.path(), folder.resolve("run"));
        assertTrue(
                notices.stream()
                        .anyMatch(
                                line -> line.startsWith(
                                        "3 subjects that sampling.labelled and sampling.unlabelled.subjects do not draw, are left out")),
                notices.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"transfer-small", "kd-net-balanced-small"})
    void regionsWeighByTheScoresOfTeacherAndStudent(String recipe) throws IOException {
        Path run = folder.resolve("run");
        List<String> overrides = new ArrayList<>(
                List.of("distillation.regionWeights=ADVANTAGE", "distillation.margin=1", "validation.fraction=0.25"));
        if (recipe.startsWith("transfer")) {
            overrides.addAll(List.of("sampling.labelled=4", "sampling.batch=2", "optimization.teacherEpochs=2"));
        }
        notices(TinyRuns.recipe(recipe, overrides.toArray(String[]::new)), COHORT.path(), run);
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        // The best of two epochs teaches.
        JsonNode teacher = lines.subList(0, 2).stream()
                .map(line -> Settings.JSON.readTree(line).get("validation"))
                .min(Comparator.comparingDouble(
                        validation -> validation.get("loss").doubleValue()))
                .orElseThrow();
        JsonNode first = Settings.JSON.readTree(lines.get(2));
        JsonNode second = Settings.JSON.readTree(lines.get(3)).get("training");
        assertEquals("student", first.get("role").stringValue());
        for (String region : List.of("WT", "TC", "ET")) {
            assertEquals(
                    1, first.get("training").get("weight_" + region).doubleValue(), "before the student is validated");
            double weight = second.get("weight_" + region).doubleValue();
            double student = first.get("validation").get("dice_" + region).doubleValue();
            double advantage = teacher.get("dice_" + region).doubleValue() - student;
            assertEquals(Math.max(0, advantage), weight, 1e-9, lines.toString());
            assertTrue(weight < 1, lines.toString());
        }
    }

    @Test
    void knowledgeOfRegionsWeighsAnEnsembleToo() throws IOException {
        Path run = folder.resolve("run");
        notices(
                TinyRuns.recipe(
                        "kd-net-balanced-small",
                        "distillation.regionWeights=ADVANTAGE",
                        "distillation.margin=1",
                        "distillation.ramp=1",
                        "teacherEnsemble={size: 2, outOfFold: true}",
                        "distillation.terms=[GT, KD]"),
                COHORT.path(),
                run);
        String last = Files.readAllLines(run.resolve("metrics.jsonl")).get(5);
        JsonNode training = Settings.JSON.readTree(last).get("training");
        for (String region : List.of("WT", "TC", "ET")) {
            double weight = training.get("weight_" + region).doubleValue();
            assertTrue(weight >= 0 && weight < 1, last);
        }
    }
}
