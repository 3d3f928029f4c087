package dev.preceptor.train;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.data.Batch;
import dev.preceptor.data.Patch;
import dev.preceptor.data.PatchSampler;
import dev.preceptor.data.Prefetch;
import dev.preceptor.distill.LossTerms;
import dev.preceptor.distill.Phase;
import dev.preceptor.tensor.ArrayData;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;

/**
 * The training of one phase: steps, validation, schedule, selection, checkpoints. Not reused; for one thread.
 */
final class Loop implements AutoCloseable {
    private final Setting setting;
    private final Recipe recipe;
    private final Phase phase;
    private final String role;
    private final RunState start;
    private final PatchSampler sampler;
    private final Validator validator;
    private final Stepper stepper;
    private Map<String, ArrayData> bestWeights = Map.of();
    private RunState.Epoch epoch;
    private RunState.Watch plateau;
    private RunState.Best best;
    private RunState.Lowest lowest;
    private long updates;
    private int metricsLines;
    /** Names of what the steps report besides losses. */
    private Set<String> figures = Set.of();

    /** @param start where the phase stands; at its beginning unless {@link #restore} follows */
    Loop(Setting setting, RunState start) {
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
        this.stepper = new Stepper(phase, recipe.optimization(), setting.ranks());
    }

    /** Takes over the moments and the best weights of a checkpoint written within this phase. */
    void restore(Checkpoints.Checkpoint checkpoint) {
        stepper.restore(start.optimizers(), start.memory(), checkpoint.optimizer());
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
                        role, start.phase() + 1, setting.method().phases().size(), epochs, sampler.stepsPerEpoch()));
        boolean goOn = true;
        while (goOn && epoch.done() < epochs) {
            if (!train(epochs, stopRequested)) {
                checkpoint();
                return Optional.empty();
            }
            goOn = conclude();
            if (goOn && epoch.done() < epochs && epoch.done() % recipe.checkpointEvery() == 0) {
                checkpoint();
            }
        }
        if (recipe.validation().select() == Validation.Select.BEST && !bestWeights.isEmpty()) {
            Weights.assign(phase.leading().network().parameters(), bestWeights);
        }
        Map<String, Map<String, Double>> earned = new LinkedHashMap<>(start.earned());
        earned.put(role, best.scores());
        return Optional.of(RunState.beginning(start.recipe(), start.phase() + 1, updates, metricsLines, earned));
    }

    /** The rest of the running epoch; false if it was left because of a stop. */
    private boolean train(int epochs, BooleanSupplier stopRequested) {
        int steps = sampler.stepsPerEpoch();
        int running = epoch.done();
        try (Prefetch batches = new Prefetch(step -> sampler.draw(running, step), epoch.step(), steps)) {
            while (epoch.step() < steps) {
                if (setting.ranks().any(stopRequested.getAsBoolean())) {
                    return false;
                }
                long begin = System.nanoTime();
                Patch patch = batches.take();
                double waited = (System.nanoTime() - begin) / 1e9;
                Map<String, Double> losses = step(patch);
                epoch = epoch.stepped(losses, (System.nanoTime() - begin) / 1e9);
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
                                waited));
            }
        }
        return true;
    }

    private Map<String, Double> step(Patch patch) {
        try (PointerScope scope = new PointerScope()) {
            LossTerms terms = stepper.step(Batch.of(patch, recipe.sequences(), setting.device()));
            figures = terms.figures().keySet();
            Map<String, Double> values = setting.ranks().averaged(terms.values());
            values.forEach((name, value) -> {
                if (!Double.isFinite(value)) {
                    throw new PreceptorException("training of the " + role + " broke in epoch " + (epoch.done() + 1)
                            + ", step " + (epoch.step() + 1) + ": the loss " + name + " is " + value + " on "
                            + String.join(", ", patch.subjects())
                            + "; look at these volumes, or lower optimization.learningRate");
                }
            });
            return values;
        }
    }

    private Map<String, Double> losses(Map<String, Double> values) {
        Map<String, Double> losses = new LinkedHashMap<>(values);
        losses.keySet().removeAll(figures);
        return losses;
    }

    /** Validates, schedules, selects and logs the epoch that is done; false if the phase should end early. */
    private boolean conclude() {
        Map<String, Double> training = epoch.means();
        Map<String, Double> validation = validator.subjects() == 0 ? Map.of() : validator.validate(phase);
        double watched = (validation.isEmpty() ? training : validation).get("loss");
        double rate = learningRate();
        double seconds = epoch.seconds();
        epoch = epoch.next();
        stepper.endEpoch();
        requireFinite(watched);
        lowest = lowest.after(epoch.done(), watched);
        select(watched, validation);
        schedule(watched);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("role", role);
        line.put("epoch", epoch.done());
        line.put("learning_rate", rate);
        line.put("seconds", seconds);
        line.put("training", training);
        line.put("validation", validation);
        setting.ranks().lead(() -> setting.folder().addMetrics(line));
        metricsLines++;
        setting.listener()
                .accept(new TrainingEvent.EpochEnded(role, epoch.done(), losses(training), validation, rate, seconds));
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
            throw new PreceptorException("training of the " + role + " broke in epoch " + epoch.done()
                    + ": the validation loss is " + watched
                    + "; look at the validation subjects in run.json, or lower optimization.learningRate");
        }
    }

    private void select(double loss, Map<String, Double> validation) {
        boolean takesLast = recipe.validation().select() == Validation.Select.LAST;
        if (takesLast || (!validation.isEmpty() && best.isBeatenBy(loss))) {
            best = new RunState.Best(loss, epoch.done(), validation);
            bestWeights = takesLast
                    ? Map.of()
                    : Weights.of("", phase.leading().network().parameters());
        }
    }

    private void schedule(double loss) {
        Optimization.Plateau settings = recipe.optimization().plateau();
        if (epoch.done() <= settings.after()) {
            return;
        }
        plateau = plateau.after(loss, settings);
        if (plateau.isDue(settings)) {
            Adam adam = stepper.leading();
            adam.setLearningRate(Math.max(adam.learningRate() * settings.factor(), settings.minimum()));
            plateau = plateau.restarted();
        }
    }

    private void checkpoint() {
        Map<String, ArrayData> moments = new LinkedHashMap<>();
        stepper.save(moments);
        RunState state = new RunState(
                start.recipe(),
                start.phase(),
                updates,
                metricsLines,
                epoch,
                plateau,
                best,
                lowest,
                stepper.states(),
                stepper.memory(),
                start.earned());
        setting.checkpoint(state, bestWeights, moments);
    }

    private double learningRate() {
        return stepper.leading().learningRate();
    }

    @Override
    public void close() {
        stepper.close();
    }
}
