package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.PathText;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Subject;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.distill.Role;
import dev.preceptor.leakage.Leakage;
import dev.preceptor.leakage.NameMapping;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.report.RunReport;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.Training;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.node.StringNode;

/**
 * Runs one trial: trains, or resumes training; predicts the unseen subjects with each network; scores the predictions. The
 * folder of scores appears in one rename, which finishes the trial.
 */
final class TrialRun {
    private static final long LOCK_MILLIS = 100;
    private static final String MODEL_ENDING = ".safetensors";

    private final TrialJob job;
    private final WorkListener listener;
    private final BooleanSupplier stopRequested;

    private TrialRun(TrialJob job, WorkListener listener, BooleanSupplier stopRequested) {
        this.job = job;
        this.listener = listener;
        this.stopRequested = stopRequested;
    }

    /**
     * Completes a trial; waits first while another process runs it.
     *
     * @return false if a stop was requested before the end
     * @throws PreceptorException if training, prediction or scoring fails
     */
    static boolean run(TrialJob job, WorkListener listener, BooleanSupplier stopRequested) {
        try (FileChannel channel = FileChannel.open(job.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock(channel, stopRequested)) {
            return held != null
                    && (TrialScores.in(job.folder()).isPresent()
                            || new TrialRun(job, listener, stopRequested).finish());
        } catch (IOException e) {
            throw new PreceptorException(job.lock() + ": cannot be locked: " + AtomicFiles.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted", e);
        }
    }

    /** Waits for a lock; null if a stop is requested meanwhile. */
    private static FileLock lock(FileChannel channel, BooleanSupplier stopRequested)
            throws IOException, InterruptedException {
        FileLock held = channel.tryLock();
        while (held == null && !stopRequested.getAsBoolean()) {
            Thread.sleep(LOCK_MILLIS);
            held = channel.tryLock();
        }
        return held;
    }

    private boolean finish() {
        Torch.open();
        Torch.useThreads(job.threads());
        Recipe recipe = Recipe.read(job.recipe());
        if (!trained()) {
            return false;
        }
        requireTeachersOfTheJob();
        Map<String, Path> models = models();
        Cohort cohort = Cohort.open(job.scored(), job.schema());
        List<Subject> unseen = unseen(cohort);
        for (Map.Entry<String, Path> model : models.entrySet()) {
            Segmentation segmentation = new Segmentation(
                    model.getKey() + " of " + job.name(),
                    model.getValue(),
                    unseen,
                    shown(recipe, model.getKey()),
                    predictions(model.getKey()),
                    job.device());
            if (!segmentation.write(listener, (id, labels) -> {}, stopRequested)) {
                return false;
            }
        }
        score(recipe, cohort, unseen, models);
        return true;
    }

    /** The sequences from which a network segments the unseen subjects; empty for all that it sees. */
    private static Optional<List<Sequence>> shown(Recipe recipe, String role) {
        return role.equals(Role.STUDENT) ? Optional.of(recipe.inferenceInputs()) : Optional.empty();
    }

    /** Trains, or resumes training, unless the run is finished; false if it was stopped. */
    private boolean trained() {
        // A folder left by a run killed before run.json was written cannot be resumed.
        if (!isTrained() && (!run().isBegun() || !Files.exists(description()))) {
            AtomicFiles.deleteFolder(job.folder());
        }
        followTeachers();
        TrainingJob training = new TrainingJob(
                        withTeachers(job.recipe()),
                        job.training(),
                        job.folder(),
                        job.fold(),
                        true,
                        job.device(),
                        job.threads())
                .withSchema(job.schema())
                .withUnlabelled(job.unlabelled());
        if (isTrained()) {
            run().requireResumable(PlannedRecipe.resumed(training).orElse(training.recipe()));
            return true;
        }
        if (!Training.run(training, listener::trained, stopRequested).finished()) {
            return false;
        }
        RunReport.write(job.folder());
        return true;
    }

    /** A recipe with the teachers of the job; their place is a setting of the run, not of the trial. */
    private Recipe withTeachers(Path file) {
        return Recipe.load(
                file.toString(),
                job.teachers().stream()
                        .map(owner -> "teacherModels=" + Settings.line(StringNode.valueOf(owner.toString())))
                        .toList());
    }

    /**
     * The folder of the study may have been moved since the run began, and with it the teachers. Those of another trial are another
     * recipe.
     */
    private void followTeachers() {
        if (job.teachers().isEmpty() || !run().isBegun()) {
            return;
        }
        Path owner = job.teachers().get().getFileName();
        List<String> begun = Recipe.read(run().recipe()).teacherModels();
        if (begun.size() == 1 && owner.equals(PathText.parse(begun.get(0)).getFileName())) {
            withTeachers(run().recipe()).write(run().recipe());
        }
    }

    /**
     * Refuses a student that learned from weights that are no longer those of the trial whose teachers it shares: its scores would name
     * the recipe of that trial.
     */
    private void requireTeachersOfTheJob() {
        job.teachers()
                .ifPresent(owner -> models(run()).forEach((role, file) -> {
                    if (role.startsWith(Role.TEACHER)
                            && !weights(file).equals(weights(new RunFolder(owner).model(role)))) {
                        throw new MismatchException(job.folder() + ": was trained with another " + role + " than "
                                + owner + " holds now; remove this folder to run the trial again");
                    }
                }));
    }

    private static Map<String, ByteBuffer> weights(Path model) {
        Map<String, ByteBuffer> weights = new TreeMap<>();
        ModelFile.read(model).weights().forEach((name, array) -> weights.put(name, array.bytes()));
        return weights;
    }

    private boolean isTrained() {
        return Files.exists(description())
                && JsonFiles.read(description()).path("state").asString("").equals("finished");
    }

    private Path description() {
        return job.folder().resolve("run.json");
    }

    private RunFolder run() {
        return new RunFolder(job.folder());
    }

    private Path predictions(String role) {
        return StudyFolder.predictions(job.folder(), role);
    }

    /** The models that the trial scores; shared teachers are scored by the trial that trained them. */
    private Map<String, Path> models() {
        Map<String, Path> models = models(run());
        models.keySet().removeIf(role -> job.teachers().isPresent() && role.startsWith(Role.TEACHER));
        return models;
    }

    private static Map<String, Path> models(RunFolder run) {
        Map<String, Path> models = new TreeMap<>();
        try (Stream<Path> files = Files.list(run.models())) {
            files.filter(file -> file.getFileName().toString().matches("[^.].*\\" + MODEL_ENDING))
                    .forEach(file -> models.put(file.getFileName().toString().replace(MODEL_ENDING, ""), file));
        } catch (IOException e) {
            throw new PreceptorException(run.models() + ": cannot be listed: " + AtomicFiles.reason(e), e);
        }
        return models;
    }

    private List<Subject> unseen(Cohort cohort) {
        if (job.fold().isEmpty()) {
            return cohort.subjects();
        }
        FoldChoice fold = job.fold().get();
        List<String> heldOut = Folds.read(job.folder().resolve("folds.json"))
                .fold(fold.fold() - 1)
                .heldOut();
        return cohort.only(heldOut).subjects();
    }

    private void score(Recipe recipe, Cohort cohort, List<Subject> unseen, Map<String, Path> models) {
        listener.began("scoring " + job.name());
        EvaluationOptions how = EvaluationOptions.DEFAULT
                .withConvention(job.convention())
                .withSchema(cohort.schema())
                .withThreads(Torch.threads());
        NameMapping mapping = job.mapping().map(NameMapping::read).orElse(NameMapping.NONE);
        Leakage leakage = Leakage.of(models, Parallel.map(unseen, Torch.threads(), SubjectContent::of), mapping);
        AtomicFiles.writeFolder(job.folder().resolve("scores"), scores -> {
            Map<String, TrialScores.RoleScores> roles = new TreeMap<>();
            String fingerprint = "";
            for (Map.Entry<String, Path> model : models.entrySet()) {
                String role = model.getKey();
                ModelDescription description = ModelFile.read(model.getValue()).description();
                Evaluation evaluation =
                        Evaluation.of(predictions(role), job.truth().orElse(cohort.root()), how);
                EvaluationFiles.write(leakage.mark(evaluation), scores.resolve(role));
                roles.put(
                        role,
                        TrialScores.RoleScores.of(
                                shown(recipe, role).orElseGet(description::inputs).stream()
                                        .map(Sequence::name)
                                        .toList(),
                                evaluation));
                fingerprint = description.provenance().getOrDefault("cohort", "");
            }
            JsonFiles.write(
                    scores.resolve("cell.json"),
                    new TrialScores(
                            job.name(),
                            recipe.hash(),
                            job.teachers()
                                    .flatMap(TrialScores::in)
                                    .map(TrialScores::recipe)
                                    .orElse(""),
                            fingerprint,
                            job.fold().map(FoldChoice::toString).orElse(""),
                            job.convention(),
                            BuildInfo.VERSION,
                            BuildInfo.COMMIT,
                            mapping.hash(),
                            leakage,
                            roles));
        });
    }
}
