package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.report.RunReport;
import dev.preceptor.report.SlicePicture;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.Training;
import dev.preceptor.train.TrainingResult;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The demo: trains a teacher that sees every sequence, a student that learns from it, and the same student without a teacher,
 * and scores all three on unseen subjects. Below {@code out} it writes {@code cohort} and {@code unseen} (of the phantom),
 * {@code runs}, {@code predictions}, {@code scores}, {@code pictures} and {@code comparison.md}.
 */
public final class Demo {
    private static final String TEACHER = "teacher";
    private static final String BASELINE = "baseline";
    private static final String STUDENT = "student";

    private final DemoOptions options;
    private final WorkListener listener;
    private final BooleanSupplier stopRequested;

    private Demo(DemoOptions options, WorkListener listener, BooleanSupplier stopRequested) {
        this.options = options;
        this.listener = listener;
        this.stopRequested = stopRequested;
    }

    /**
     * The result of the demo.
     *
     * @param table teacher, baseline and student
     * @param out the folder with all files
     * @param student model file of the student of the first seed
     * @param pictures one PNG for each subject scored with the first seed
     */
    public record Result(ComparisonTable table, Path out, Path student, List<Path> pictures) {}

    /**
     * Runs the demo.
     *
     * @return the result; empty if a stop was requested before the end
     * @throws PreceptorException if the folder is not empty, or a part fails
     */
    public static Optional<Result> run(DemoOptions options, WorkListener listener, BooleanSupplier stopRequested) {
        return new Demo(options, listener, stopRequested).run();
    }

    private Optional<Result> run() {
        requireReady();
        DemoCohort.claim(options.out());
        DemoCohort cohort = DemoCohort.of(options, listener);
        Map<String, List<Evaluation>> evaluations = new LinkedHashMap<>();
        List.of(TEACHER, BASELINE, STUDENT).forEach(name -> evaluations.put(name, new ArrayList<>()));
        List<Path> pictures = new ArrayList<>();
        Path student = null;
        for (long seed : options.seeds()) {
            Optional<Map<String, Path>> models = models(cohort, seed);
            if (models.isEmpty()) {
                return Optional.empty();
            }
            List<Subject> unseen = cohort.unseen(recipe(options.distilled(), seed));
            Map<String, Map<String, LabelMap>> predictions = new LinkedHashMap<>();
            for (String name : evaluations.keySet()) {
                if (stopRequested.getAsBoolean()) {
                    return Optional.empty();
                }
                Path folder = options.out().resolve("predictions").resolve(name + "-" + seed);
                predictions.put(name, predict(name, models.get().get(name), unseen, folder));
                Evaluation evaluation = Evaluation.of(
                        folder,
                        cohort.references(),
                        EvaluationOptions.DEFAULT.withSchema(cohort.whole().schema()));
                EvaluationFiles.write(
                        evaluation, options.out().resolve("scores").resolve(name + "-" + seed));
                evaluations.get(name).add(evaluation);
            }
            if (student == null) {
                student = models.get().get(STUDENT);
                pictures.addAll(pictures(cohort, unseen, predictions, recipe(options.distilled(), seed)));
            }
        }
        ComparisonTable table = ComparisonTable.of(evaluations, Optional.of(STUDENT), Optional.of(BASELINE));
        AtomicFiles.writeString(options.out().resolve("comparison.md"), table.toMarkdown());
        return Optional.of(new Result(table, options.out(), student, pictures));
    }

    /** Refuses invalid options before anything is written. */
    private void requireReady() {
        Torch.device(options.device());
        for (long seed : options.seeds()) {
            recipe(options.distilled(), seed);
            recipe(options.baseline(), seed);
        }
        options.cohort().ifPresent(Cohort::open);
    }

    private Recipe recipe(String name, long seed) {
        List<String> overrides = new ArrayList<>(options.overrides());
        overrides.add("seed=" + seed);
        return Recipe.load(name, overrides);
    }

    private Optional<Map<String, Path>> models(DemoCohort cohort, long seed) {
        Map<String, Path> models = new LinkedHashMap<>();
        Optional<TrainingResult> distilled = train(cohort, options.distilled(), seed);
        if (distilled.isEmpty()) {
            return Optional.empty();
        }
        distilled.get().models().forEach((role, file) -> models.put(role.startsWith(TEACHER) ? TEACHER : role, file));
        Optional<TrainingResult> undistilled = train(cohort, options.baseline(), seed);
        if (undistilled.isEmpty()) {
            return Optional.empty();
        }
        models.put(BASELINE, undistilled.get().models().get(STUDENT));
        if (models.get(TEACHER) == null || models.get(BASELINE) == null || models.get(STUDENT) == null) {
            throw new PreceptorException("demo: the recipes " + options.distilled() + " and " + options.baseline()
                    + " trained the networks " + models.keySet() + "; the demo needs a teacher and two students");
        }
        return Optional.of(models);
    }

    private Optional<TrainingResult> train(DemoCohort cohort, String name, long seed) {
        listener.began("training " + name + ", seed " + seed);
        Path run = options.out().resolve("runs").resolve(name + "-" + seed);
        TrainingJob job = new TrainingJob(
                recipe(name, seed), cohort.training(), run, cohort.fold(), false, options.device(), options.threads());
        TrainingResult outcome = Training.run(job, listener::trained, stopRequested);
        if (!outcome.finished()) {
            return Optional.empty();
        }
        RunReport.write(run);
        return Optional.of(outcome);
    }

    private Map<String, LabelMap> predict(String name, Path model, List<Subject> subjects, Path folder) {
        Map<String, LabelMap> predictions = new LinkedHashMap<>();
        new Segmentation(name, model, subjects, folder, options.device())
                .write(listener, predictions::put, () -> false);
        return predictions;
    }

    private List<Path> pictures(
            DemoCohort cohort, List<Subject> subjects, Map<String, Map<String, LabelMap>> predictions, Recipe recipe) {
        String part = "drawing pictures";
        listener.began(part);
        Sequence input = recipe.student().get(0);
        List<Path> files = new ArrayList<>();
        for (Subject subject : subjects) {
            Map<String, Volume> images = new LinkedHashMap<>();
            images.put(input.name(), subject.volume(input));
            if (subject.images().containsKey(Sequence.FLAIR)) {
                images.put(Sequence.FLAIR.name(), subject.volume(Sequence.FLAIR));
            }
            LabelMap reference = cohort.truth(subject);
            Map<String, LabelMap> candidates = new LinkedHashMap<>();
            predictions.forEach((name, bySubject) -> candidates.put(
                    name,
                    new LabelMap(
                            reference.grid(),
                            bySubject.get(subject.id()).voxels(),
                            bySubject.get(subject.id()).schema())));
            Path file = options.out().resolve("pictures").resolve(subject.id() + ".png");
            String title = subject.id() + ": the baseline and the student see " + input + " alone";
            new SlicePicture(title, images, reference, candidates).write(file);
            files.add(file);
            listener.advanced(part, subject.id(), files.size(), subjects.size());
        }
        return files;
    }
}
