package dev.preceptor.train;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.PatchSampler;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.optim.Optimization;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.CheckpointManager;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.MetricsLog;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.RunState;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.Weights;
import dev.preceptor.store.SampleStore;
import dev.preceptor.tensor.ArrayData;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;

/**
 * What the phases of a run have in common.
 *
 * @param dataThreads how many batches are made at once
 */
record Setting(
        Recipe recipe,
        Method method,
        List<Subject> training,
        List<Subject> validation,
        SampleStore store,
        int dataThreads,
        Device device,
        RunFolder folder,
        Communicator ranks,
        MetricsLog metrics,
        CheckpointManager keeper,
        Consumer<TrainingEvent> listener) {

    /** How many epochs a phase has. */
    int epochs(Phase phase) {
        Optimization optimization = recipe.optimization();
        return phase.leading().name().equals(Role.STUDENT) || optimization.teacherEpochs() == 0
                ? optimization.epochs()
                : optimization.teacherEpochs();
    }

    PatchSampler sampler(int phase) {
        return new PatchSampler(
                training.size(),
                store.samples(training),
                recipe.sampling(),
                new Augmenter(
                        recipe.augmentation(),
                        droppable(method.phases().get(phase).leading())),
                new RandomStreams(recipe.seed()),
                phase,
                ranks.shard());
    }

    /** Tells what the threads that make batches met. */
    void tellOfData() {
        store.tell(line -> listener.accept(new TrainingEvent.Notice(line)));
    }

    /** The sequences, by number among those of the recipe, that a phase may miss: those of a teacher that is trained alone. */
    private List<Integer> droppable(Role leading) {
        return leading.name().equals(Role.STUDENT) || leading.inputs().size() == 1
                ? List.of()
                : leading.inputs().stream().map(recipe.sequences()::indexOf).toList();
    }

    Validator validator() {
        return new Validator(
                validation.size(),
                store.samples(validation),
                recipe.sampling().patchSize(),
                recipe.sequences(),
                device,
                ranks);
    }

    /** Whether it has been long since the last checkpoint, by the clock of the process that writes them. */
    boolean isCheckpointDue() {
        return recipe.checkpointMinutes() > 0 && ranks.anyRank(ranks.isLeader() && keeper.isDue());
    }

    /** Writes a checkpoint of a training that goes on, where this process writes. */
    void write(Checkpoints.Checkpoint checkpoint) {
        ranks.onLeader(() -> keeper.write(checkpoint));
    }

    /** Writes the checkpoint of a training that stops, where this process writes. */
    void writeLast(Checkpoints.Checkpoint checkpoint) {
        ranks.onLeader(() -> keeper.writeLast(checkpoint));
    }

    /** Where this process leaves a step that broke. */
    Path broken() {
        Path all = folder.broken();
        return ranks.size() == 1 ? all : all.resolve("rank-" + ranks.shard().rank());
    }

    /** A checkpoint of all weights. */
    Checkpoints.Checkpoint checkpoint(
            RunState state, Map<String, ArrayData> bestWeights, Map<String, ArrayData> moments) {
        Map<String, ArrayData> weights = new LinkedHashMap<>();
        Weights.parts(method).forEach((name, part) -> weights.putAll(Weights.of(name + "/", part)));
        bestWeights.forEach((name, array) -> weights.put("best/" + name, array));
        return new Checkpoints.Checkpoint(state, weights, moments);
    }
}
