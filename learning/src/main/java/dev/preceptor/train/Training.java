package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.network.Computation;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.run.CheckpointBroadcast;
import dev.preceptor.run.CheckpointManager;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.MetricsLog;
import dev.preceptor.run.RunDescription;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.RunLock;
import dev.preceptor.run.RunState;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.run.Weights;
import dev.preceptor.store.SampleStore;
import dev.preceptor.tensor.Torch;
import dev.preceptor.track.TensorBoardLog;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;

/**
 * Trains a method on a cohort and writes the folder of a run. The weights depend only on the recipe, its seed, the data, the
 * kind of device, and the numbers of processes and threads; a training that was stopped or killed resumes from its newest checkpoint
 * and ends with the same weights.
 *
 * <pre>{@code
 * Recipe recipe = Recipe.load("kd-net-small", List.of("optimization.epochs=20"));
 * TrainingJob job = new TrainingJob(recipe, cohort, run, Optional.empty(), false, "cpu", 0);
 * TrainingResult result = Training.run(job, event -> {}, () -> false);
 * Path student = result.models().get("student");
 * }</pre>
 *
 * <p>{@link #plan} reads and checks everything without training; {@code PhaseTrainer.run} is the training loop.
 */
public final class Training {
    private final TrainingJob job;
    private final TrainingPlan plan;
    private final Communicator communicator;
    private final Consumer<TrainingEvent> listener;
    private final RunFolder folder;
    private final MetricsLog metrics;

    private Training(TrainingJob job, TrainingPlan plan, Communicator communicator, Consumer<TrainingEvent> listener) {
        this.job = job;
        this.plan = plan;
        this.communicator = communicator;
        this.listener = listener;
        this.folder = new RunFolder(job.run());
        this.metrics = new MetricsLog(folder.metrics(), this::notice);
    }

    /**
     * Plans a training without running it: reads the teachers and the cohort, writes nothing.
     *
     * @return the recipe with every decision that it leaves open
     * @throws PreceptorException if recipe and cohort do not fit together, or the training does not fit into its memory
     */
    public static PlannedRecipe plan(TrainingJob job) {
        Torch.open();
        Torch.useThreads(job.threads());
        return TrainingPlan.read(job, GlobalBatchSum.LOCAL, 1, notice -> {}).planned();
    }

    /**
     * Plans a training as {@link #plan} does, estimates its memory in any case, and measures a few of its steps on random data, which
     * takes seconds for small networks and minutes for large ones on a CPU. Writes nothing.
     *
     * @throws PreceptorException as {@link #plan}
     */
    public static TrainingPreview preview(TrainingJob job) {
        Torch.open();
        Torch.useThreads(job.threads());
        return TrainingPreview.of(TrainingPlan.read(job, GlobalBatchSum.LOCAL, 1, notice -> {}), job);
    }

    /**
     * Which subjects of a cohort a training of a recipe uses, and why it leaves out the others. Reads no volume.
     *
     * @throws PreceptorException if the recipe and the labels of the cohort do not fit together
     */
    public static SubjectSelection select(Recipe recipe, Cohort cohort) {
        Torch.open();
        return SubjectSelection.of(
                cohort, Preflight.check(recipe, cohort.schema(), TeacherModels.read(recipe), GlobalBatchSum.LOCAL, 1));
    }

    /**
     * Checks a recipe without a cohort: builds its networks and reads its teachers, but no volume.
     *
     * @param labels the regions and classes that the networks segment
     * @throws PreceptorException in one line that names the setting
     */
    public static void check(Recipe recipe, LabelSpace labels) {
        Torch.open();
        Preflight.check(recipe, labels, TeacherModels.read(recipe), GlobalBatchSum.LOCAL, 1);
    }

    /**
     * Trains until all phases are finished or a stop is requested.
     *
     * @param listener receives the events, on the calling thread
     * @param stopRequested asked before each step and each validation subject; if true, a checkpoint is written and the method
     *     returns
     * @throws PreceptorException if recipe, cohort and folder do not fit together, or the training breaks
     */
    public static TrainingResult run(TrainingJob job, Consumer<TrainingEvent> listener, BooleanSupplier stopRequested) {
        return run(job, DistributedEnvironment.SINGLE_PROCESS, listener, stopRequested);
    }

    /**
     * Trains as one of several processes, each with a part of every batch; only rank 0 writes files and reports events. Each
     * process reads the recipe and the cohort itself; rank 0 reads the checkpoint and sends it to the others.
     *
     * @param stopRequested on any process stops all of them at the same step
     * @return the models, on rank 0 only
     * @throws dev.preceptor.parallel.LostRankException if another process is lost
     */
    public static TrainingResult run(
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
                Consumer<TrainingEvent> events = communicator.isLeader() ? withTensorBoard(job, listener) : event -> {};
                Consumer<String> notices = line -> events.accept(new TrainingEvent.Notice(line));
                communicator.onLeader(() -> Preflight.checkFolder(job));
                TrainingPlan plan = TrainingPlan.read(job, communicator.sums(), communicator.size(), notices);
                plan.planned().plan().ifPresent(memory -> notices.accept("plan: " + memory));
                return new Training(job, plan, communicator, events).run(device, stopRequested);
            });
        }
    }

    private static Consumer<TrainingEvent> withTensorBoard(TrainingJob job, Consumer<TrainingEvent> listener) {
        return new TensorBoardLog(job.run(), Clock.systemUTC(), line -> listener.accept(new TrainingEvent.Notice(line)))
                .andThen(listener);
    }

    private TrainingResult run(Device device, BooleanSupplier stopRequested) {
        try (Method method = plan.build(device, communicator.sums())) {
            Preflight.requireFittingPatch(plan.recipe(), method);
            Preflight.requireEvenShares(plan.recipe(), communicator.size());
            requireSameOnAllProcesses();
            if (!communicator.isLeader()) {
                return runPhases(method, device, stopRequested);
            }
            folder.requireClaimable(job.resume());
            return runInFolder(method, device, stopRequested);
        }
    }

    private void requireSameOnAllProcesses() {
        Map<String, String> traits = new LinkedHashMap<>();
        traits.put("version", BuildInfo.VERSION + " " + BuildInfo.COMMIT);
        traits.put("recipe", plan.recipe().hash());
        traits.put("cohort", plan.fingerprint());
        traits.put("split", Sha256.of(plan.split().toString()));
        traits.put("kind of device", job.device().replaceAll(":.*", ""));
        traits.put("number of threads", Integer.toString(Torch.threads()));
        traits.put("choice of --resume", Boolean.toString(job.resume()));
        communicator.requireSame(traits);
    }

    /** Locks the folder of the run, and keeps {@code run.json} up to date. */
    private TrainingResult runInFolder(Method method, Device device, BooleanSupplier stopRequested) {
        try (RunLock lock = RunLock.take(folder.path())) {
            RunDescription description = folder.claim(plan.recipe(), describe(), job.resume(), this::notice);
            try {
                plan.folds().ifPresent(folds -> folds.write(folder.folds()));
                TrainingResult result = runPhases(method, device, stopRequested);
                describeEnd(description, result.finished() ? "finished" : "stopped");
                return result;
            } catch (RuntimeException | Error e) {
                describeEnd(description, "failed");
                throw e;
            }
        }
    }

    /** A description that cannot be written is reported and does not fail the training: the caller receives the result anyway. */
    private void describeEnd(RunDescription description, String state) {
        try {
            folder.describe(description.ending(Instant.now().toString(), state));
        } catch (PreceptorException e) {
            notice(e.getMessage() + "; it still describes the run as running, which has " + state);
        }
    }

    private TrainingResult runPhases(Method method, Device device, BooleanSupplier stopRequested) {
        Optional<Checkpoints.Checkpoint> resumed = job.resume()
                ? CheckpointBroadcast.read(
                        communicator, () -> folder.checkpoints().newest(this::notice))
                : Optional.empty();
        RunState state = resumed.map(Checkpoints.Checkpoint::state).orElse(RunState.beginning(0, 0, 0, Map.of()));
        int lines = state.metricsLines();
        communicator.onLeader(() -> metrics.keep(lines));
        TrainingData data = data(device);
        if (!data.prepare(communicator, stopRequested, this::notice)) {
            return new TrainingResult(job.run(), false, Map.of());
        }
        RunFiles files = files(resumed);
        loadWeights(method, resumed);
        // Built once: a phase has state between prepare and endEpoch.
        List<Phase> phases = method.phases();
        while (state.phase() < phases.size()) {
            Phase phase = phases.get(state.phase());
            Optional<TrainingData> prepared =
                    new PhaseStart(method, data, communicator, this::notice).prepare(state, phase, stopRequested);
            if (prepared.isEmpty()) {
                return new TrainingResult(job.run(), false, Map.of());
            }
            try (PhaseTrainer trainer =
                    new PhaseTrainer(method, phase, prepared.get(), files, communicator, listener, state)) {
                if (!state.optimizers().isEmpty()) {
                    resumed.ifPresent(trainer::restore);
                }
                // As large as all weights and moments, and a phase takes hours.
                resumed = Optional.empty();
                Optional<RunState> next = trainer.run(stopRequested);
                if (next.isEmpty()) {
                    return new TrainingResult(job.run(), false, Map.of());
                }
                state = next.get();
            }
            Checkpoints.Checkpoint checkpoint = Checkpoints.Checkpoint.of(state, method, Map.of(), Map.of());
            if (state.phase() < phases.size()) {
                files.write(checkpoint);
            } else {
                files.writeLast(checkpoint);
            }
        }
        Optional<Map<String, FinalStage.Outcome>> outcomes =
                new FinalStage(plan, device, communicator, this::notice).run(method, stopRequested);
        if (outcomes.isEmpty()) {
            return new TrainingResult(job.run(), false, Map.of());
        }
        Map<String, Path> models = new LinkedHashMap<>();
        Map<String, Map<String, Double>> scores = state.earned();
        communicator.onLeader(() -> models.putAll(writeModels(method, scores, outcomes.get())));
        communicator.onLeader(this::deleteOwnCache);
        return new TrainingResult(job.run(), true, models);
    }

    private TrainingData data(Device device) {
        Path cache = job.data().cache().orElse(folder.cache());
        return new TrainingData(
                plan.recipe(),
                plan.subjects(plan.split().training()),
                plan.subjects(plan.split().unlabelled()),
                plan.subjects(plan.split().validation()),
                new SampleStore(plan.recipe(), cache, Runtime.getRuntime().maxMemory() / 2),
                job.data().threadsBeside(communicator.cores(), Torch.threads()),
                device);
    }

    private RunFiles files(Optional<Checkpoints.Checkpoint> resumed) {
        Optional<Path> newest = resumed.map(
                checkpoint -> folder.checkpoints().of(checkpoint.state().updates()));
        CheckpointManager checkpoints = new CheckpointManager(
                folder, metrics, plan.recipe().checkpointMinutes(), newest, listener, System::nanoTime);
        return new RunFiles(folder, metrics, checkpoints, communicator);
    }

    /** Gives all processes the same weights: those of the checkpoint, or the initial weights of rank 0. */
    private void loadWeights(Method method, Optional<Checkpoints.Checkpoint> resumed) {
        resumed.ifPresent(checkpoint -> Weights.parts(method)
                .forEach((name, part) -> Weights.assign(part, Weights.below(name + "/", checkpoint.weights()))));
        Weights.parts(method)
                .values()
                .forEach(part -> communicator.broadcast(part.asMap().values()));
    }

    private Map<String, Path> writeModels(
            Method method, Map<String, Map<String, Double>> scores, Map<String, FinalStage.Outcome> outcomes) {
        ModelWriter writer = new ModelWriter(plan, folder);
        Map<String, Path> models = new LinkedHashMap<>();
        method.roles().forEach(role -> {
            Path file = writer.write(
                    role,
                    scores.getOrDefault(role.name(), Map.of()),
                    outcomes.get(role.name()).postProcessing(),
                    outcomes.get(role.name()).reliability());
            listener.accept(new TrainingEvent.ModelWritten(role.name(), file));
            models.put(role.name(), file);
        });
        return models;
    }

    /** Deletes the cache within the run; a cache in a folder of its own is kept for later runs. */
    private void deleteOwnCache() {
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

    private RunDescription describe() {
        return new RunDescription(
                BuildInfo.VERSION,
                BuildInfo.COMMIT,
                List.of(RunDescription.build(BuildInfo.VERSION, BuildInfo.COMMIT)),
                communicator.size() == 1 ? job.device() : communicator.size() + " x " + job.device(),
                Torch.threads(),
                job.cohort().toAbsolutePath().normalize().toString(),
                plan.fingerprint(),
                plan.cohort().schema().toString(),
                job.fold().map(FoldChoice::toString).orElse(""),
                plan.split(),
                plan.leftOut(),
                plan.recipe().seed(),
                plan.recipe().hash(),
                Instant.now().toString(),
                "",
                "running");
    }
}
