package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.recipe.Recipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies in which an arm uses the teachers of another arm. */
@Tag("integration")
class SharedTeachersStudyTest {
    /** The arm that uses the teachers comes before the one that trains them. */
    private static final String SHARED = """
            baseline: alone
            folds: {count: 2, run: [1]}
            arms:
              - {name: borrowed, recipe: kd-net-small, teachersOf: taught, set: {distillation.terms: [GT, KL]}}
              - {name: alone, recipe: baseline-small}
              - {name: taught, recipe: kd-net-small, set: {distillation.terms: [GT, KD]}}
            """ + TinyStudies.SET;

    @TempDir
    private static Path shared;

    /** The same with a teacher of its own for each arm. */
    private static final String OWN = SHARED.replace(", teachersOf: taught", "");

    private static final TinyStudies.Listener FINISHED_LISTENER = new TinyStudies.Listener();

    private static Path cohort;

    /** A study of {@link #SHARED} without a stop, which tests read or copy. */
    private static Path finished;

    private static StudyResult finishedResult;

    /** The same of {@link #OWN}. */
    private static Path own;

    private static StudyResult ownResult;

    @BeforeAll
    static void makeCohortAndRunTwoStudies() {
        cohort = CohortFixture.brats2021(shared.resolve("cohort"), 4).root();
        finished = shared.resolve("finished");
        finishedResult = run(SHARED, finished, FINISHED_LISTENER);
        own = shared.resolve("own");
        ownResult = run(OWN, own, new TinyStudies.Listener());
    }

    private static StudyResult run(String yaml, Path out, StudyListener listener) {
        return StudyRun.run(TinyStudies.study(shared, yaml), TinyStudies.options(out, cohort, 1), listener, () -> false)
                .orElseThrow();
    }

    @TempDir
    private Path folder;

    private final TinyStudies.Listener listener = new TinyStudies.Listener();

    private StudyResult run(String yaml, Path out) {
        return run(yaml, out, listener);
    }

    @Test
    void teachersAreTrainedOnceAndScoredOnce() throws IOException {
        StudyResult result = finishedResult;
        assertEquals(
                List.of("alone-fold1-seed1", "taught-fold1-seed1", "borrowed-fold1-seed1"),
                FINISHED_LISTENER.ended.stream().map(TrialState::name).toList());
        assertEquals(List.of(), result.failed());
        assertEquals(
                List.of("borrowed", "alone", "taught", "taught/teacher"),
                result.series().stream().map(Series::name).toList());
        assertEquals(
                List.of("taught/teacher", "taught/teacher"),
                result.gaps().stream()
                        .filter(gap -> gap.region().equals("WT") && gap.score() == Metric.DICE)
                        .map(StudyResult.Gap::teacher)
                        .toList());
        Path cells = finished.resolve("cells");
        assertFalse(Files.exists(cells.resolve("borrowed-fold1-seed1/predictions/teacher")));
        assertFalse(Files.readString(cells.resolve("borrowed-fold1-seed1/metrics.jsonl"))
                .contains("\"role\":\"teacher\""));
        assertEquals(weights(cells.resolve("taught-fold1-seed1")), weights(cells.resolve("borrowed-fold1-seed1")));
        TrialScores scores =
                TrialScores.in(cells.resolve("borrowed-fold1-seed1")).orElseThrow();
        List<Trial> trials = TinyStudies.study(folder, SHARED).trials();
        assertEquals(trials.get(0).recipe().hash(), scores.recipe());
        assertEquals(trials.get(2).recipe().hash(), scores.teachers());
    }

    @Test
    void theReportHasTheBudgetTheGainWithItsControlsAndTheConvergence() throws IOException {
        Path out = folder.resolve("out");
        run(
                "subject: taught\n" + SHARED.replace("teachersOf: taught,", "teachersOf: taught, control: smoothing,"),
                out);
        String html = Files.readString(out.resolve("report/index.html"));
        for (String part : List.of(
                "<caption>Budget of a training</caption>",
                "<span class=\"detail\">shared with taught</span>",
                "as many as taught",
                ">student and total steps<",
                ">student steps<",
                "taught minus its baseline and controls</caption>",
                "<figcaption>WT, difference in volumetric Dice</figcaption>",
                "<figcaption>Difference in HD95 in mm</figcaption>",
                "taught \u2212 borrowed (smoothing): ",
                ">Convergence</h2>",
                "after 4 steps</title>")) {
            assertTrue(html.contains(part), "the report lacks " + part);
        }
        StudyBudget budget = StudyBudget.of(StudyResult.read(out.resolve("study.json")), out);
        StudyBudget.ArmBudget borrowed = budget.arms().get(0);
        assertEquals(new StudyBudget.Range(4, 4), borrowed.studentSteps());
        assertEquals(new StudyBudget.Range(4, 4), borrowed.teacherSteps());
        assertEquals(new StudyBudget.Range(8, 8), borrowed.totalSteps());
        assertEquals(new StudyBudget.Range(1, 1), borrowed.labelled());
        assertEquals(new StudyBudget.Range(1, 1), borrowed.validation());
        assertEquals(new StudyBudget.Range(0, 0), budget.arms().get(1).teacherSteps());
        assertEquals("", budget.arms().get(2).teachers());
        String comparison = Files.readString(out.resolve("comparison.md"));
        assertTrue(comparison.contains("## The gain of taught and its controls"), comparison);
        assertTrue(comparison.contains("| borrowed | 4 | 4 shared with taught | 8 | 1 | 1 | 0 |"), comparison);
        List<String> controls = Files.readAllLines(out.resolve("controls.csv"));
        assertEquals(1 + 2 * 2 * 3, controls.size(), "two comparisons in two metrics of three regions");
        assertTrue(controls.get(0).endsWith(",p,p_holm,difference_seed1,convention"), controls.get(0));
        assertTrue(controls.get(1).startsWith("taught,alone,baseline,WT,DICE,2,"), controls.get(1));
    }

    private static Map<String, ByteBuffer> weights(Path trial) {
        Map<String, ByteBuffer> weights = new TreeMap<>();
        ModelFile.read(trial.resolve("models/teacher.safetensors"))
                .weights()
                .forEach((name, array) -> weights.put(name, array.bytes()));
        return weights;
    }

    @Test
    void severalJobsWaitForTheTeachers() {
        StudyResult result = StudyRun.run(
                        TinyStudies.study(folder, SHARED),
                        TinyStudies.options(folder.resolve("out"), cohort, 2),
                        listener,
                        () -> false,
                        new InProcessTrials())
                .orElseThrow();
        assertEquals(List.of(), result.failed());
        assertEquals(3, listener.ended.size());
        assertEquals("borrowed-fold1-seed1", listener.ended.get(2).name());
    }

    @Test
    void aKilledStudyEndsItsProcessesAndIsResumedWithSeveralJobs() throws Exception {
        Path out = folder.resolve("killed");
        KilledStudy.kill(TinyStudies.file(folder, SHARED), cohort, out, 2);
        StudyResult resumed = StudyRun.run(
                        TinyStudies.study(folder, SHARED), TinyStudies.options(out, cohort, 2), listener, () -> false)
                .orElseThrow();
        assertTrue(listener.before >= 1 && listener.before < 3, "finished before: " + listener.before);
        assertEquals(finishedResult, resumed);
    }

    @Test
    void ofATrialThatFailsAreNamed() {
        String broken = SHARED.replace("distillation.terms: [GT, KD]", "memory: 0.01");
        StudyResult result = run(broken, folder.resolve("out"));
        assertEquals(
                List.of("borrowed-fold1-seed1", "taught-fold1-seed1"),
                result.failed().stream().map(TrialState::name).toList());
        assertTrue(
                result.failed()
                        .get(0)
                        .error()
                        .startsWith("its teachers are those of taught-fold1-seed1, which has not finished"),
                result.failed().get(0).error());
    }

    @Test
    void areFoundAfterTheFolderOfAStoppedStudyHasMoved() throws IOException {
        Path out = folder.resolve("out");
        Path first = out.resolve("cells/borrowed-fold1-seed1/metrics.jsonl");
        Optional<StudyResult> stopped = StudyRun.run(
                TinyStudies.study(folder, SHARED),
                TinyStudies.options(out, cohort, 1),
                listener,
                () -> Files.exists(first));
        assertTrue(stopped.isEmpty());
        Path moved = folder.resolve("moved");
        Files.move(out, moved);
        TinyStudies.Listener resumed = new TinyStudies.Listener();
        StudyResult result = StudyRun.run(
                        TinyStudies.study(folder, SHARED), TinyStudies.options(moved, cohort, 1), resumed, () -> false)
                .orElseThrow();
        assertEquals(List.of(), result.failed());
        assertEquals(2, resumed.before);
        assertEquals(
                List.of(moved.resolve("cells/taught-fold1-seed1").toString()),
                Recipe.read(moved.resolve("cells/borrowed-fold1-seed1/recipe.yaml"))
                        .teacherModels());
        assertEquals(finishedResult, result, "as without the stop");
        TinyStudies.Listener again = new TinyStudies.Listener();
        StudyRun.run(TinyStudies.study(folder, SHARED), TinyStudies.options(moved, cohort, 1), again, () -> false);
        assertEquals(0, again.planned);
    }

    @Test
    void aFinishedTrialWithTeachersOfItsOwnIsNotTakenForOneWithShared() {
        Path out = TinyStudies.copy(own, folder.resolve("out"));
        PreceptorException refused = assertThrows(PreceptorException.class, () -> run(SHARED, out));
        assertTrue(
                refused.getMessage().contains("was finished with another origin of its teachers"),
                refused.getMessage());
    }

    @Test
    void anUnscoredTrialIsNotScoredUnderTeachersThatWereTrainedAnew() {
        Path out = TinyStudies.copy(finished, folder.resolve("out"));
        Path borrowed = out.resolve("cells/borrowed-fold1-seed1");
        AtomicFiles.deleteFolder(borrowed.resolve("scores"));
        AtomicFiles.deleteFolder(out.resolve("cells/taught-fold1-seed1"));
        String longer = SHARED.replace("set: {distillation.terms: [GT, KD]}", "set: {optimization.epochs: 3}");
        StudyResult result = run(longer, out);
        assertEquals(
                List.of("borrowed-fold1-seed1"),
                result.failed().stream().map(TrialState::name).toList());
        String error = result.failed().get(0).error();
        assertTrue(error.startsWith(borrowed + ": was trained with another teacher than "), error);
        assertFalse(Files.exists(borrowed.resolve("scores")));
    }

    @Test
    void anUnscoredTrialIsNotScoredUnderTeachersOfAnotherArm() {
        Path out = folder.resolve("out");
        String two = SHARED.replace("{name: alone, recipe: baseline-small}", "{name: alone, recipe: kd-net-small}");
        run(two, out);
        Path borrowed = out.resolve("cells/borrowed-fold1-seed1");
        AtomicFiles.deleteFolder(borrowed.resolve("scores"));
        String error = run(two.replace("teachersOf: taught", "teachersOf: alone"), out)
                .failed()
                .get(0)
                .error();
        assertTrue(error.startsWith(borrowed + ": cannot be resumed with another recipe: teacherModels"), error);
    }

    @Test
    void aStudyFromBeforeTeachersCouldBeSharedIsKept() throws IOException {
        Path out = TinyStudies.copy(own, folder.resolve("out"));
        Path scores = TrialScores.file(out.resolve("cells/alone-fold1-seed1"));
        AtomicFiles.writeString(scores, Files.readString(scores).replaceAll("\\s*\"teachers\" : \"\",", ""));
        assertEquals(ownResult, run(OWN, out));
        assertEquals(0, listener.planned);
    }

    @Test
    void thatWouldBeTrainedFurtherAreRefused() {
        String together = """
                folds: {count: 2}
                arms:
                  - {name: owner, recipe: mtcm-kd-small}
                  - {name: other, recipe: mtcm-kd-small, teachersOf: owner}
                """ + TinyStudies.SET.replace("{widths: [2, 4], skips: 1}", "{widths: [2, 3, 4, 5]}");
        PreceptorException refused = assertThrows(PreceptorException.class, () -> run(together, folder.resolve("out")));
        assertTrue(
                refused.getMessage().contains("arm other: the method would train the teacher-"), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
        assertFalse(Files.exists(folder.resolve("out")));
    }

    @Test
    void leakIfTheyWereTrainedOnAScoredSubject() {
        assertTrue(finishedResult.leakage().isEmpty(), "the fold that is held out is the same");
        Path out = TinyStudies.copy(finished, folder.resolve("out"));
        AtomicFiles.deleteFolder(out.resolve("cells/borrowed-fold1-seed1"));
        String scored = finishedResult.series("taught").subjects().get(0);
        Path teacher = out.resolve("cells/taught-fold1-seed1/models/teacher.safetensors");
        alsoTrainedOn(scored, ModelFile.read(teacher)).write(teacher);
        StudyResult result = run(SHARED, out);
        assertEquals(Set.of("borrowed-fold1-seed1"), result.leakage().keySet());
        assertEquals(
                List.of(scored), List.copyOf(result.series("borrowed").leaked().keySet()));
    }

    /** The model with the scored subject among those of its training, as if the folds were not kept. */
    private static ModelFile alsoTrainedOn(String scored, ModelFile model) {
        ModelDescription is = model.description();
        Map<String, String> provenance = new TreeMap<>(is.provenance());
        SubjectContent content = SubjectContent.of(
                Cohort.open(cohort).only(List.of(scored)).subjects().get(0));
        provenance.putAll(TrainedOn.of(is)
                .orElseThrow()
                .and(TrainedOn.of(List.of(content), List.of()))
                .toProvenance());
        return new ModelFile(
                new ModelDescription(
                        is.network(),
                        is.inputs(),
                        is.outputs(),
                        is.schema(),
                        is.preprocessing(),
                        is.patch(),
                        is.overlap(),
                        provenance,
                        is.scores(),
                        is.postProcessing(),
                        is.reliability(),
                        is.bedside()),
                model.card(),
                model.weights());
    }
}
