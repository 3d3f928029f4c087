package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Subject;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Scores;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.network.Computation;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.CheckpointBroadcast;
import dev.preceptor.run.CheckpointManager;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.MetricsLog;
import dev.preceptor.run.RunDescription;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.RunLock;
import dev.preceptor.run.RunState;
import dev.preceptor.run.Split;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.run.Weights;
import dev.preceptor.store.SampleStore;
import dev.preceptor.tensor.Torch;
import dev.preceptor.track.TensorBoardLog;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;

/**
 * Trains a method on a cohort into the folder of a run. A run's weights depend on the recipe, its seed, the data and the
 * number of threads alone; one that was stopped or killed goes on from its newest checkpoint as if it had not been.
 */
public final class Training {
    private final TrainingJob job;
    private final Communicator communicator;
    private final Recipe recipe;
    private final RunFolder folder;
    private final MetricsLog metrics;
    private final Consumer<TrainingEvent> listener;
    private final Cohort cohort;
    private final Optional<Folds> folds;
    private final Split split;
    private final CohortSummary summary;
    private final String fingerprint;
    private final TeacherModels teachers;
    /** Whom the networks of this run meet, and whom the teachers that it takes over had met before. */
    private final TrainedOn trainedOn;

    private Training(TrainingJob job, Communicator communicator, Consumer<TrainingEvent> listener) {
        this.job = job;
        this.communicator = communicator;
        this.folder = new RunFolder(job.run());
        this.listener = communicator.isLeader()
                ? new TensorBoardLog(job.run(), Clock.systemUTC(), this::notice).andThen(listener)
                : event -> {};
        this.metrics = new MetricsLog(folder.metrics(), this::notice);
        Recipe given = job.recipe();
        communicator.onLeader(() -> Preflight.checkFolder(job));
        this.teachers = TeacherModels.read(given);
        Preflight.check(PlannedRecipe.resumed(job).orElse(given), teachers, communicator.sums(), communicator.size());
        this.cohort = Cohort.open(job.cohort(), job.schema());
        Splits.requireTrainable(cohort, given);
        this.folds = job.fold().map(fold -> Splits.folds(cohort, given, fold));
        this.split = Splits.of(
                cohort, given, job.fold().map(fold -> folds.orElseThrow().fold(fold.fold() - 1)));
        this.summary = Splits.requireSound(cohort);
        this.fingerprint = summary.fingerprint().hash();
        this.trainedOn = teachers.trainedOn(this::notice)
                .and(TrainedOn.of(contents(split.training()), contents(split.validation())));
        PlannedRecipe planned = PlannedRecipe.of(job, summary, teachers.teachers());
        this.recipe = planned.recipe();
        planned.plan().ifPresent(plan -> notice("plan: " + plan));
    }

    /**
     * What a training would do, without doing it: reads the cohort, touches no folder.
     *
     * @throws dev.preceptor.base.PreceptorException if recipe and cohort do not fit together, or the training not into its memory
     */
    public static PlannedRecipe plan(TrainingJob job) {
        Torch.open();
        Torch.useThreads(job.threads());
        TeacherModels teachers = TeacherModels.read(job.recipe());
        Preflight.check(job.recipe(), teachers, GlobalBatchSum.LOCAL, 1);
        Cohort cohort = Cohort.open(job.cohort(), job.schema());
        Splits.requireTrainable(cohort, job.recipe());
        return PlannedRecipe.of(job, Splits.requireSound(cohort), teachers.teachers());
    }

    /**
     * Refuses a recipe that no cohort could make right: builds its networks and reads its teachers, no volume.
     *
     * @throws dev.preceptor.base.PreceptorException in one line that names the setting
     */
    public static void check(Recipe recipe) {
        Torch.open();
        Preflight.check(recipe, TeacherModels.read(recipe), GlobalBatchSum.LOCAL, 1);
    }

    /**
     * Trains until all phases are done or a stop is requested.
     *
     * @param listener is told what happens, on the calling thread
     * @param stopRequested asked before each step; when it says true a checkpoint is written and the call returns
     * @throws dev.preceptor.base.PreceptorException if recipe, cohort and folder do not fit together, or training breaks
     */
    public static Outcome run(TrainingJob job, Consumer<TrainingEvent> listener, BooleanSupplier stopRequested) {
        return run(job, DistributedEnvironment.SINGLE_PROCESS, listener, stopRequested);
    }

    /**
     * Trains as one of several processes, each with a share of every batch; rank 0 alone writes and tells what happens. Each
     * reads the recipe and the cohort itself; a checkpoint is read by rank 0 and sent to the others.
     *
     * @param stopRequested on any process stops all at the same step
     * @return the models on rank 0 alone
     * @throws dev.preceptor.parallel.LostRankException if another process is lost
     */
    public static Outcome run(
            TrainingJob job,
            DistributedEnvironment distributedEnvironment,
            Consumer<TrainingEvent> listener,
            BooleanSupplier stopRequested) {
        Torch.open();
        try (Communicator communicator = Communicator.join(
                distributedEnvironment, job.run(), job.device().startsWith("cuda"))) {
            Torch.useThreads(communicator.threads(job.threads()));
            Torch.allowTf32(job.recipe().compute().precision() == Computation.Precision.TF32);
            return communicator.together(() -> {
                Device device = Torch.device(communicator.device(job.device()));
                return new Training(job, communicator, listener).train(device, stopRequested);
            });
        }
    }

    private Outcome train(Device device, BooleanSupplier stopRequested) {
        try (Method method = recipe.build(teachers.teachers(), device, communicator.sums())) {
            Preflight.requireFittingPatch(recipe, method);
            Preflight.requireShares(recipe, communicator.size());
            requireSame();
            if (!communicator.isLeader()) {
                return train(method, device, stopRequested);
            }
            folder.requireClaimable(job.resume());
            return claimed(method, device, stopRequested);
        }
    }

    private void requireSame() {
        Map<String, String> traits = new LinkedHashMap<>();
        traits.put("version", BuildInfo.VERSION + " " + BuildInfo.COMMIT);
        traits.put("recipe", recipe.hash());
        traits.put("cohort", fingerprint);
        traits.put("split", split.toString());
        traits.put("kind of device", job.device().replaceAll(":.*", ""));
        traits.put("number of threads", Integer.toString(Torch.threads()));
        traits.put("choice of --resume", Boolean.toString(job.resume()));
        communicator.requireSame(traits);
    }

    private Outcome claimed(Method method, Device device, BooleanSupplier stopRequested) {
        try (RunLock lock = RunLock.take(folder.path())) {
            RunDescription description = folder.claim(recipe, describe(), job.resume(), this::notice);
            folds.ifPresent(drawn -> drawn.write(folder.folds()));
            try {
                Outcome outcome = train(method, device, stopRequested);
                describeEnd(description, outcome.finished() ? "finished" : "stopped");
                return outcome;
            } catch (RuntimeException | Error e) {
                describeEnd(description, "failed");
                throw e;
            }
        }
    }

    /** How it ended is known without the file, too. */
    private void describeEnd(RunDescription description, String how) {
        try {
            folder.describe(description.ending(Instant.now().toString(), how));
        } catch (PreceptorException e) {
            notice(e.getMessage() + "; it still says that the run is running, which has " + how);
        }
    }

    private Outcome train(Method method, Device device, BooleanSupplier stopRequested) {
        Optional<Checkpoints.Checkpoint> found = job.resume()
                ? CheckpointBroadcast.read(
                        communicator, () -> folder.checkpoints().newest(this::notice))
                : Optional.empty();
        RunState state = found.map(Checkpoints.Checkpoint::state).orElse(RunState.beginning(0, 0, 0, Map.of()));
        int lines = state.metricsLines();
        communicator.onLeader(() -> metrics.keep(lines));
        Setting setting = new Setting(
                recipe,
                method,
                subjects(split.training()),
                subjects(split.validation()),
                new SampleStore(
                        recipe,
                        job.data().cache().orElse(folder.cache()),
                        Runtime.getRuntime().maxMemory() / 2),
                job.data().threadsBeside(Torch.threads()),
                device,
                folder,
                communicator,
                metrics,
                new CheckpointManager(
                        folder,
                        metrics,
                        recipe.checkpointMinutes(),
                        found.map(checkpoint ->
                                folder.checkpoints().of(checkpoint.state().updates())),
                        listener,
                        System::nanoTime),
                listener);
        found.ifPresent(checkpoint -> Weights.parts(method)
                .forEach((name, part) -> Weights.assign(part, Weights.below(name + "/", checkpoint.weights()))));
        Weights.parts(method)
                .values()
                .forEach(part -> communicator.broadcast(part.asMap().values()));
        while (state.phase() < method.phases().size()) {
            try (PhaseTrainer phaseTrainer = new PhaseTrainer(setting, state)) {
                if (!state.optimizers().isEmpty()) {
                    found.ifPresent(phaseTrainer::restore);
                }
                Optional<RunState> next = phaseTrainer.run(stopRequested);
                if (next.isEmpty()) {
                    return new Outcome(job.run(), false, Map.of());
                }
                state = next.get();
            }
            Checkpoints.Checkpoint reached = setting.checkpoint(state, Map.of(), Map.of());
            if (state.phase() < method.phases().size()) {
                setting.write(reached);
            } else {
                setting.writeLast(reached);
            }
        }
        Map<String, Path> models = new LinkedHashMap<>();
        Map<String, Map<String, Double>> earned = state.earned();
        communicator.onLeader(() -> method.roles()
                .forEach(role -> models.put(role.name(), write(role, earned.getOrDefault(role.name(), Map.of())))));
        communicator.onLeader(this::forgetCache);
        return new Outcome(job.run(), true, models);
    }

    /** Prepared subjects within the run have served; those in a folder of their own are for the next run, too. */
    private void forgetCache() {
        if (job.data().cache().isEmpty()) {
            try {
                AtomicFiles.deleteFolder(folder.cache());
            } catch (PreceptorException e) {
                notice(e.getMessage() + "; it is no longer needed");
            }
        }
    }

    private void notice(String line) {
        listener.accept(new TrainingEvent.Notice(line));
    }

    private Path write(Role role, Map<String, Double> earned) {
        Map<String, String> provenance = new TreeMap<>();
        provenance.put("recipe", recipe.hash());
        provenance.put("method", recipe.method());
        provenance.put("role", role.name());
        provenance.put("cohort", fingerprint);
        provenance.putAll(trainedOn.toProvenance());
        provenance.put("version", BuildInfo.VERSION);
        provenance.put("commit", BuildInfo.COMMIT);
        provenance.put("date", Instant.now().toString());
        ModelDescription model = new ModelDescription(
                role.network().spec(),
                role.inputs(),
                role.outputs(),
                cohort.schema(),
                recipe.preprocessing(),
                recipe.sampling().patchSize(),
                recipe.overlap(),
                provenance,
                scores(earned));
        Path file = folder.model(role.name());
        try {
            ModelFile.of(model, role.network().parameters()).write(file);
        } catch (PreceptorException e) {
            throw new PreceptorException(
                    e.getMessage()
                            + "; the training is done: make room and resume it (train --resume, or the same study again), which writes it",
                    e);
        }
        listener.accept(new TrainingEvent.ModelWritten(role.name(), file));
        return file;
    }

    private List<SubjectContent> contents(List<String> ids) {
        return summary.contents().stream()
                .filter(content -> ids.contains(content.id()))
                .toList();
    }

    private Scores scores(Map<String, Double> earned) {
        Map<String, Map<String, Double>> figures = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            Double dice = earned.get("dice_" + region.name());
            if (dice != null) {
                figures.put(region.name(), Map.of("dice", dice));
            }
        }
        return figures.isEmpty()
                ? Scores.NONE
                : new Scores(
                        "BRATS_LEGACY",
                        "the validation subjects of the training, on the grid of the model"
                                + (recipe.validation().select() == ValidationSettings.Select.BEST
                                        ? "; they selected the weights"
                                        : ""),
                        split.validation().size(),
                        figures);
    }

    private List<Subject> subjects(List<String> ids) {
        return ids.stream().map(cohort::subject).toList();
    }

    private RunDescription describe() {
        return new RunDescription(
                BuildInfo.VERSION,
                BuildInfo.COMMIT,
                communicator.size() == 1 ? job.device() : communicator.size() + " x " + job.device(),
                Torch.threads(),
                job.cohort().toAbsolutePath().normalize().toString(),
                fingerprint,
                cohort.schema().toString(),
                job.fold().map(FoldChoice::toString).orElse(""),
                split,
                recipe.seed(),
                recipe.hash(),
                Instant.now().toString(),
                "",
                "running");
    }
}
