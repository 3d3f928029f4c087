package dev.preceptor.train;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.data.Batch;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.PatchSampler;
import dev.preceptor.data.Prefetch;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.distill.Phase;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.RunState;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.Weights;
import dev.preceptor.tensor.ArrayData;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;

/**
 * The training of one phase: steps, validation, schedule, selection, checkpoints. Not reused; for one thread.
 */
final class PhaseTrainer implements AutoCloseable {
    private final Setting setting;
    private final Recipe recipe;
    private final Phase phase;
    private final String role;
    private final RunState start;
    private final PatchSampler sampler;
    private final Validator validator;
    private final TrainStep trainStep;
    private final Map<String, ParameterGroup> learners;
    private Map<String, ArrayData> bestWeights = Map.of();
    private RunState.Epoch epoch;
    private RunState.PlateauState plateau;
    private RunState.Best best;
    private RunState.Lowest lowest;
    private long updates;
    private int metricsLines;
    /** Names of what the steps report besides losses. */
    private Set<String> figures = Set.of();

    /** @param start where the phase stands; at its beginning unless {@link #restore} follows */
    PhaseTrainer(Setting setting, RunState start) {
        this.setting = setting;
        this.recipe = setting.recipe();
        this.phase = setting.method().phases().get(start.phase());
        this.role = phase.leading().name();
        this.start = start;
        this.sampler = setting.sampler(start.phase());
        this.validator = setting.validator();
        this.epoch = start.epoch();
        this.plateau = start.plateau();
        this.best = start.best();
        this.lowest = start.lowest();
        this.updates = start.updates();
        this.metricsLines = start.metricsLines();
        this.trainStep = new TrainStep(phase, recipe.optimization(), setting.epochs(phase), setting.ranks());
        this.learners = phase.parameterGroups();
    }

    /** Takes over the moments and the best weights of a checkpoint written within this phase. */
    void restore(Checkpoints.Checkpoint checkpoint) {
        trainStep.restore(start.optimizers(), start.memory(), checkpoint.optimizer());
        bestWeights = Weights.below("best/", checkpoint.weights());
    }

    /**
     * Trains until the phase ends or a stop is requested; a stop leaves a checkpoint.
     *
     * @return the beginning of the next phase, or nothing if it was stopped
     */
    Optional<RunState> run(BooleanSupplier stopRequested) {
        int epochs = setting.epochs(phase);
        setting.listener()
                .accept(new TrainingEvent.PhaseStarted(
                        role, start.phase() + 1, setting.method().phases().size(), epochs, steps()));
        boolean goOn = true;
        while (goOn && epoch.done() < epochs) {
            Optional<Validator.ValidationResult> validation =
                    train(epochs, stopRequested) ? judge(stopRequested) : Optional.empty();
            if (validation.isEmpty()) {
                setting.writeLast(checkpoint());
                return Optional.empty();
            }
            goOn = conclude(validation.get().means());
            show(validation.get().seen());
            if (goOn && epoch.done() < epochs && epoch.done() % recipe.checkpointEvery() == 0) {
                setting.write(checkpoint());
            }
        }
        trainStep.settle();
        if (recipe.validation().select() == ValidationSettings.Select.BEST && !bestWeights.isEmpty()) {
            Weights.assign(phase.leading().network().parameters(), bestWeights);
        }
        Map<String, Map<String, Double>> earned = new LinkedHashMap<>(start.earned());
        earned.put(role, best.scores());
        return Optional.of(RunState.beginning(start.phase() + 1, updates, metricsLines, earned));
    }

    /** Steps an epoch has: as the recipe says, or so many that their batches make one pass over the subjects. */
    private int steps() {
        int batches = sampler.stepsPerEpoch();
        int parts = recipe.optimization().accumulate();
        return recipe.sampling().stepsPerEpoch() > 0 ? batches : (batches + parts - 1) / parts;
    }

    /** The rest of the running epoch; false if it was left because of a stop. */
    private boolean train(int epochs, BooleanSupplier stopRequested) {
        int steps = steps();
        int parts = recipe.optimization().accumulate();
        int running = epoch.done();
        try (Prefetch batches = new Prefetch(
                (draw, spare) -> sampler.draw(running, draw, spare),
                epoch.step() * parts,
                steps * parts,
                setting.dataThreads())) {
            while (epoch.step() < steps) {
                if (setting.ranks().anyRank(stopRequested.getAsBoolean())) {
                    return false;
                }
                long begin = System.nanoTime();
                double waited = 0;
                Map<String, DoubleSummaryStatistics> values = new LinkedHashMap<>();
                for (int part = 1; part <= parts; part++) {
                    long asked = System.nanoTime();
                    HostBatch hostBatch = batches.take();
                    waited += (System.nanoTime() - asked) / 1e9;
                    setting.tellOfData();
                    step(hostBatch, part == parts)
                            .forEach((name, value) -> values.computeIfAbsent(name, n -> new DoubleSummaryStatistics())
                                    .accept(value));
                }
                Map<String, Double> losses = new LinkedHashMap<>();
                values.forEach((name, all) -> losses.put(name, all.getAverage()));
                Map<String, Double> averaged = setting.ranks().allReduceMean(losses);
                double seconds = (System.nanoTime() - begin) / 1e9;
                epoch = epoch.stepped(averaged, seconds, waited);
                updates++;
                setting.listener()
                        .accept(new TrainingEvent.Stepped(
                                role,
                                running + 1,
                                epochs,
                                epoch.step(),
                                steps,
                                losses(epoch.means()),
                                learningRate(),
                                seconds,
                                waited));
                if (setting.isCheckpointDue()) {
                    setting.write(checkpoint());
                }
            }
        }
        return true;
    }

    private Map<String, Double> step(HostBatch hostBatch, boolean isLast) {
        try (PointerScope scope = new PointerScope()) {
            Batch batch = Batch.of(hostBatch, recipe.sequences(), setting.device());
            LossTerms terms = trainStep.step(batch, isLast);
            figures = terms.metrics().keySet();
            Map<String, Double> values = terms.values();
            FiniteCheck.trouble(values, learners, isLast).ifPresent(trouble -> {
                throw broken(hostBatch.subjects(), batch, values, trouble);
            });
            return values;
        }
    }

    private PreceptorException broken(List<String> subjects, Batch batch, Map<String, Double> losses, String trouble) {
        BrokenStep step = new BrokenStep(
                role,
                updates + 1,
                recipe.seed(),
                start.phase(),
                epoch.done() + 1,
                epoch.step() + 1,
                trouble,
                learningRate(),
                losses,
                epoch.means(),
                subjects,
                batch.sequences());
        String dump;
        try {
            dump = "the batch is kept in " + step.write(setting.broken(), batch);
        } catch (PreceptorException e) {
            dump = "the batch could not be kept, " + e.getMessage();
        }
        return new PreceptorException("training of the " + role + " broke in epoch " + step.epoch() + ", step "
                + step.step() + " (step " + step.update() + " of the run): " + trouble + " on "
                + String.join(", ", subjects) + "; " + dump
                + "; look at these volumes, or begin anew with a lower optimization.learningRate");
    }

    /** Validates and selects, on averaged weights where the recipe asks for them; nothing if it was left because of a stop. */
    private Optional<Validator.ValidationResult> judge(BooleanSupplier stopRequested) {
        try (TrainStep.Averaged shown = trainStep.averaged()) {
            Optional<Validator.ValidationResult> found = validate(stopRequested);
            found.ifPresent(validationResult -> {
                double watched = watched(validationResult.means());
                requireFinite(watched);
                select(watched, validationResult.means());
            });
            return found;
        }
    }

    private double watched(Map<String, Double> validation) {
        return (validation.isEmpty() ? epoch.means() : validation).get("loss");
    }

    private Optional<Validator.ValidationResult> validate(BooleanSupplier stopRequested) {
        return validator.subjects() == 0
                ? Optional.of(Validator.ValidationResult.NONE)
                : validator.validate(phase, stopRequested);
    }

    private void show(List<TrainingEvent.ValidationSample> seen) {
        if (!seen.isEmpty()) {
            setting.listener().accept(new TrainingEvent.Validated(role, epoch.done(), Validator.shown(phase), seen));
        }
    }

    private Map<String, Double> losses(Map<String, Double> values) {
        Map<String, Double> losses = new LinkedHashMap<>(values);
        losses.keySet().removeAll(figures);
        return losses;
    }

    /** Schedules, selects and logs the epoch that is done; false if the phase should end early. */
    private boolean conclude(Map<String, Double> validation) {
        Map<String, Double> training = epoch.means();
        double watched = watched(validation);
        double rate = learningRate();
        RunState.Epoch over = epoch;
        epoch = epoch.next();
        trainStep.endEpoch();
        lowest = lowest.after(epoch.done(), watched);
        plateau = trainStep.schedule(epoch.done(), watched, plateau);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("role", role);
        line.put("epoch", epoch.done());
        line.put("learning_rate", rate);
        line.put("seconds", over.seconds());
        line.put("steps_per_second", over.stepsPerSecond());
        line.put("data_wait", over.dataWait());
        line.put("training", training);
        line.put("validation", validation);
        setting.ranks().onLeader(() -> setting.metrics().add(line));
        metricsLines++;
        setting.listener()
                .accept(new TrainingEvent.EpochEnded(
                        role,
                        epoch.done(),
                        losses(training),
                        validation,
                        rate,
                        over.seconds(),
                        over.stepsPerSecond(),
                        over.dataWait()));
        int patience = recipe.optimization().stopAfter();
        if (patience > 0 && epoch.done() - lowest.epoch() >= patience) {
            setting.listener()
                    .accept(new TrainingEvent.Notice(
                            "the " + role + " stopped early: no lower loss since epoch " + lowest.epoch()));
            return false;
        }
        return true;
    }

    private void requireFinite(double watched) {
        if (!Double.isFinite(watched)) {
            throw new PreceptorException("training of the " + role + " broke in epoch " + (epoch.done() + 1)
                    + ": the validation loss is " + watched
                    + "; look at the validation subjects in run.json, or lower optimization.learningRate");
        }
    }

    private void select(double loss, Map<String, Double> validation) {
        boolean takesLast = recipe.validation().select() == ValidationSettings.Select.LAST;
        if (takesLast || (!validation.isEmpty() && best.isBeatenBy(loss))) {
            best = new RunState.Best(loss, epoch.done() + 1, validation);
            bestWeights = takesLast
                    ? Map.of()
                    : Weights.of("", phase.leading().network().parameters());
        }
    }

    private Checkpoints.Checkpoint checkpoint() {
        Map<String, ArrayData> moments = new LinkedHashMap<>();
        trainStep.save(moments);
        RunState state = new RunState(
                start.phase(),
                updates,
                metricsLines,
                epoch,
                plateau,
                best,
                lowest,
                trainStep.states(),
                trainStep.memory(),
                start.earned());
        return setting.checkpoint(state, bestWeights, moments);
    }

    private double learningRate() {
        return trainStep.learningRate();
    }

    @Override
    public void close() {
        trainStep.close();
    }
}
