package dev.preceptor.train;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.data.Batch;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.PatchSampler;
import dev.preceptor.data.Prefetch;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.RunState;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.Weights;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.track.EpochRecord;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;

/** Trains one phase of a method; {@link #run} is the training loop. Used once; for one thread. */
final class PhaseTrainer implements AutoCloseable {
    private final Method method;
    private final Recipe recipe;
    private final TrainingData data;
    private final RunFiles files;
    private final Communicator communicator;
    private final RunState start;
    private final Phase phase;
    private final Map<String, ParameterGroup> groups;
    private final String role;
    private final int epochs;
    private final int steps;
    private final PatchSampler sampler;
    private final Validator validator;
    private final PhaseOptimizers optimizers;
    private final PhaseLog log;
    private Map<String, ArrayData> bestWeights = Map.of();
    private RunState.Epoch epoch;
    private RunState.PlateauState plateau;
    private RunState.Best best;
    private RunState.Lowest lowest;
    private long updates;
    private int metricsLines;

    /**
     * @param phase of the method, prepared by {@link PhaseStart}
     * @param start the state of the run in this phase; {@link #restore} follows unless it is the beginning of the phase
     * @param listener receives the events, on the calling thread
     */
    PhaseTrainer(
            Method method,
            Phase phase,
            TrainingData data,
            RunFiles files,
            Communicator communicator,
            Consumer<TrainingEvent> listener,
            RunState start) {
        this.method = method;
        this.recipe = data.recipe();
        this.data = data;
        this.files = files;
        this.communicator = communicator;
        this.start = start;
        this.phase = phase;
        this.groups = phase.parameterGroups();
        this.role = phase.leading().name();
        this.epochs = recipe.optimization().epochsOf(role.equals(Role.STUDENT));
        this.sampler = data.sampler(start.phase(), phase, communicator);
        this.steps = data.stepsPerEpoch(sampler);
        this.validator = data.validator(start.phase(), communicator);
        this.optimizers = new PhaseOptimizers(phase, recipe.optimization(), epochs, communicator);
        this.log = new PhaseLog(role, epochs, steps, files, listener);
        this.epoch = start.epoch();
        this.plateau = start.plateau();
        this.best = start.best();
        this.lowest = start.lowest();
        this.updates = start.updates();
        this.metricsLines = start.metricsLines();
    }

    /** Restores the optimizer state and the best weights from a checkpoint of this phase. */
    void restore(Checkpoints.Checkpoint checkpoint) {
        optimizers.restore(start.optimizers(), start.memory(), checkpoint.optimizer());
        bestWeights = Weights.below("best/", checkpoint.weights());
    }

    /**
     * Trains until the phase ends or a stop is requested; a stop writes a checkpoint.
     *
     * @param stopRequested asked before each step and before each validation subject
     * @return the state at the beginning of the next phase; empty if the training was stopped
     */
    Optional<RunState> run(BooleanSupplier stopRequested) {
        log.started(start.phase() + 1, method.phases().size());
        int accumulate = recipe.optimization().accumulate();
        boolean continues = true;
        while (continues && epoch.done() < epochs) {
            try (Prefetch batches =
                    data.prefetch(sampler, epoch.done(), epoch.step() * accumulate, steps * accumulate)) {
                while (epoch.step() < steps) {
                    if (communicator.anyRank(stopRequested.getAsBoolean())) {
                        return stopped();
                    }
                    StepStatistics statistics = new StepStatistics();
                    for (int part = 1; part <= accumulate; part++) {
                        boolean isLast = part == accumulate;
                        HostBatch hostBatch = statistics.waitFor(batches::take);
                        data.reportNotices(log::notice);
                        try (PointerScope scope = new PointerScope()) {
                            Batch batch = data.toDevice(hostBatch);
                            optimizers.beginBatch();
                            // The phase runs the forward passes; its method decides the order of the updates.
                            Phase.Optimizers update = (group, terms) -> {
                                optimizers.backward(group, terms, isLast);
                                if (isLast) {
                                    optimizers.step(group);
                                }
                            };
                            // Only before the first batch of a step there are no gradients that a diagnosis would
                            // clear.
                            LossTerms losses =
                                    part == 1 && isDiagnosed() ? diagnosed(batch, update) : phase.step(batch, update);
                            statistics.add(checkedValues(losses, hostBatch, batch, isLast));
                        }
                    }
                    Map<String, Double> means = communicator.allReduceMean(statistics.means());
                    double seconds = statistics.seconds();
                    epoch = epoch.stepped(means, seconds, statistics.dataWait());
                    updates++;
                    log.stepped(epoch, optimizers.learningRate(), seconds, statistics.dataWait());
                    if (files.isCheckpointDue()) {
                        files.write(checkpoint());
                    }
                }
            }
            Optional<Validator.ValidationResult> validation = validateAndSelect(stopRequested);
            if (validation.isEmpty()) {
                return stopped();
            }
            continues = endEpoch(validation.get().means());
            log.validated(epoch.done(), phase, validation.get().samples());
            if (continues && epoch.done() < epochs && epoch.done() % recipe.checkpointEvery() == 0) {
                files.write(checkpoint());
            }
        }
        return Optional.of(finished());
    }

    private boolean isDiagnosed() {
        return recipe.diagnoses() && epoch.step() % GradientDiagnosis.EVERY == 0;
    }

    private LossTerms diagnosed(Batch batch, Phase.Optimizers update) {
        GradientDiagnosis diagnosis = new GradientDiagnosis(update, phase.leading());
        return phase.step(batch, diagnosis).with(diagnosis.values());
    }

    private Optional<RunState> stopped() {
        files.writeLast(checkpoint());
        return Optional.empty();
    }

    /** The losses and metrics of a batch, after they, the gradients and the updated weights were found to be finite. */
    private Map<String, Double> checkedValues(LossTerms losses, HostBatch hostBatch, Batch batch, boolean isLast) {
        LossTerms terms = losses.with(optimizers.gradientNorms());
        log.setMetricNames(terms.metrics().keySet());
        LossTerms.HostValues host =
                terms.toHost(FiniteCheck.sum(groups, isLast).stream().toList());
        if (!host.isFinite()) {
            FiniteCheck.problem(host.values(), groups, isLast).ifPresent(problem -> {
                throw brokenStep(hostBatch, batch, host.values(), problem);
            });
        }
        return host.values();
    }

    private PreceptorException brokenStep(
            HostBatch hostBatch, Batch batch, Map<String, Double> losses, String problem) {
        BrokenStep step = new BrokenStep(
                role,
                updates + 1,
                recipe.seed(),
                start.phase(),
                epoch.done() + 1,
                epoch.step() + 1,
                problem,
                optimizers.learningRate(),
                losses,
                epoch.means(),
                hostBatch.subjects(),
                batch.sequences());
        String dump;
        try {
            dump = "the batch is saved in " + step.write(files.brokenSteps(), batch);
        } catch (PreceptorException e) {
            dump = "the batch could not be saved, " + e.getMessage();
        }
        return new PreceptorException("training of the " + role + " broke in epoch " + step.epoch() + ", step "
                + step.step() + " (step " + step.update() + " of the run): " + problem + " on "
                + String.join(", ", hostBatch.subjects()) + "; " + dump
                + "; look at these volumes, or start a new run with a lower optimization.learningRate");
    }

    /** Validates the leading network, with averaged weights if the recipe asks for them; empty if a stop was requested. */
    private Optional<Validator.ValidationResult> validateAndSelect(BooleanSupplier stopRequested) {
        try (PhaseOptimizers.AveragedWeights averaged = optimizers.averagedWeights()) {
            Optional<Validator.ValidationResult> validation = validator.validate(phase, stopRequested);
            validation.ifPresent(result -> {
                // Not the monitored value: a Dice is finite even if every logit is NaN.
                requireFinite(LossTerms.total(meansOf(result.means())));
                select(monitoredLoss(result.means()), result.means());
                phase.regionAdvantage().ifPresent(advantage -> advantage.scoreStudent(Validator.dice(result.means())));
            });
            return validation;
        }
    }

    /** The loss that drives schedule, selection and early stopping. */
    private double monitoredLoss(Map<String, Double> validation) {
        return EpochRecord.monitoredLoss(recipe.validation().monitor(), meansOf(validation));
    }

    /** The means of the validation, or without one of the training. */
    private Map<String, Double> meansOf(Map<String, Double> validation) {
        return validation.isEmpty() ? epoch.means() : validation;
    }

    private void requireFinite(double loss) {
        if (!Double.isFinite(loss)) {
            throw new PreceptorException("training of the " + role + " broke in epoch " + (epoch.done() + 1)
                    + ": the validation loss is " + loss
                    + "; look at the validation subjects in run.json, or lower optimization.learningRate");
        }
    }

    private void select(double loss, Map<String, Double> validation) {
        boolean takesLast = recipe.validation().select() == ValidationSettings.Select.LAST;
        if (takesLast || (!validation.isEmpty() && best.isBeatenBy(loss))) {
            best = new RunState.Best(loss, epoch.done() + 1, validation);
            bestWeights = takesLast ? Map.of() : Weights.of("", phase.selectedWeights());
        }
    }

    /** Sets the learning rates and logs the epoch; false if the phase stops early. */
    private boolean endEpoch(Map<String, Double> validation) {
        RunState.Epoch ended = epoch;
        double monitored = monitoredLoss(validation);
        double rate = optimizers.learningRate();
        epoch = ended.next();
        optimizers.endEpoch();
        lowest = lowest.after(epoch.done(), monitored);
        plateau = optimizers.schedule(epoch.done(), monitored, plateau);
        log.epochEnded(ended, rate, validation);
        metricsLines++;
        int patience = recipe.optimization().stopAfter();
        if (patience > 0 && epoch.done() - lowest.epoch() >= patience) {
            log.stoppedEarly(recipe.validation().monitor(), lowest.epoch());
            return false;
        }
        return true;
    }

    /** Leaves the selected weights in the leading network. */
    private RunState finished() {
        optimizers.applyAverage();
        if (recipe.validation().select() == ValidationSettings.Select.BEST && !bestWeights.isEmpty()) {
            Weights.assign(phase.selectedWeights(), bestWeights);
        }
        Map<String, Map<String, Double>> scores = new LinkedHashMap<>(start.earned());
        scores.put(role, best.scores());
        return RunState.beginning(start.phase() + 1, updates, metricsLines, scores);
    }

    private Checkpoints.Checkpoint checkpoint() {
        Map<String, ArrayData> optimizerState = new LinkedHashMap<>();
        optimizers.save(optimizerState);
        RunState state = new RunState(
                start.phase(),
                updates,
                metricsLines,
                epoch,
                plateau,
                best,
                lowest,
                optimizers.states(),
                optimizers.phaseState(),
                start.earned());
        return Checkpoints.Checkpoint.of(state, method, bestWeights, optimizerState);
    }

    @Override
    public void close() {
        optimizers.close();
    }
}
