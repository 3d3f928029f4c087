package dev.preceptor.train;

import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.PatchSampler;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.parallel.Ranks;
import dev.preceptor.tensor.ArrayData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;

/** What the phases of a run have in common. */
record Setting(
        Recipe recipe,
        Method method,
        List<Subject> training,
        List<Subject> validation,
        SampleStore store,
        Device device,
        RunFolder folder,
        Ranks ranks,
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
                i -> store.sample(training.get(i)),
                recipe.sampling(),
                new RandomStreams(recipe.seed()),
                phase,
                ranks.share());
    }

    Validator validator() {
        return new Validator(
                validation.size(),
                i -> store.sample(validation.get(i)),
                recipe.sampling().patchSize(),
                recipe.sequences(),
                device,
                ranks);
    }

    /** Writes a checkpoint of all weights. */
    void checkpoint(RunState state, Map<String, ArrayData> bestWeights, Map<String, ArrayData> moments) {
        Map<String, ArrayData> weights = new LinkedHashMap<>();
        Weights.parts(method).forEach((name, part) -> weights.putAll(Weights.of(name + "/", part)));
        bestWeights.forEach((name, array) -> weights.put("best/" + name, array));
        ranks.lead(() -> listener.accept(new TrainingEvent.CheckpointWritten(
                folder.checkpoints().write(new Checkpoints.Checkpoint(state, weights, moments)))));
    }
}
