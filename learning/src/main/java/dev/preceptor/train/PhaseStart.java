package dev.preceptor.train;

import dev.preceptor.data.Samples;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.RegionAdvantage;
import dev.preceptor.distill.Role;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.run.RunState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What happens between two phases: the student takes over the weights that it starts from, the frozen teachers are scored on the
 * validation subjects, and they label the subjects without labels. All of it depends on weights and data alone, so that a resumed
 * training repeats what it needs.
 *
 * @param method with the networks
 * @param data the subjects
 * @param communicator the processes; each scores a part of the validation subjects and labels all others
 * @param notices receives a line about what is done
 */
record PhaseStart(Method method, TrainingData data, Communicator communicator, Consumer<String> notices) {
    /**
     * Prepares a phase.
     *
     * @param state of the run; the weights and scores of a phase that has begun are in its checkpoint
     * @param stopRequested asked before each subject
     * @return the data of the phase; empty if a stop was requested
     */
    Optional<TrainingData> prepare(RunState state, Phase phase, BooleanSupplier stopRequested) {
        boolean begins = state.optimizers().isEmpty();
        if (begins && phase.leading().name().equals(Role.STUDENT)) {
            StudentStart.of(data.recipe(), method).ifPresent(StudentStart::apply);
        }
        if (begins
                && !phase.regionAdvantage()
                        .map(advantage -> score(advantage, data.validator(state.phase(), communicator), stopRequested))
                        .orElse(true)) {
            return Optional.empty();
        }
        List<Role> labellers = phase.labellers();
        if (labellers.isEmpty() || !data.mixes(phase)) {
            return Optional.of(data);
        }
        Samples images = data.images();
        int count = data.unlabelled().size();
        notices.accept(labellers.stream().map(Role::name).collect(Collectors.joining(", "))
                + (labellers.size() == 1 ? " labels " : " label ")
                + count + (count == 1 ? " subject" : " subjects") + " without labels");
        BooleanSupplier anyStopRequested = () -> communicator.anyRank(stopRequested.getAsBoolean());
        return PredictedLabels.of(images, count, data.wholeSubject(labellers), anyStopRequested)
                .map(data::withPredictedLabels);
    }

    /** False if a stop was requested. */
    private boolean score(RegionAdvantage advantage, Validator validator, BooleanSupplier stopRequested) {
        if (validator.subjects() == 0) {
            notices.accept("there are no validation subjects to compare teacher and student on: distillation weighs all"
                    + " regions alike; set subjects aside by validation.fraction");
            return true;
        }
        Optional<Map<String, Double>> dice = validator.dice(advantage.teachers(), stopRequested);
        dice.ifPresent(advantage::scoreTeachers);
        return dice.isPresent();
    }
}
