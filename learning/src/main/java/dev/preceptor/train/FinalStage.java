package dev.preceptor.train;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Subject;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.quality.Reliability;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.volume.Sequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;

/**
 * The end of a training: what a model file holds beside the weights, role by role. It changes no weights and depends on them and on the
 * subjects only, so that a training resumed after its last step ends in the same.
 *
 * @param plan the plan of the training
 * @param device where the networks compute
 * @param communicator the processes that share the subjects
 * @param notices receives what was found, one line each
 */
record FinalStage(TrainingPlan plan, Device device, Communicator communicator, Consumer<String> notices) {
    /**
     * What was found for a role.
     *
     * @param postProcessing of its predictions
     * @param reliability temperatures, expected Dice and, on rank 0, guards
     */
    record Outcome(PostProcessing postProcessing, Reliability reliability) {}

    /**
     * Runs for each role; all processes call it.
     *
     * @param method with its final weights
     * @param stopRequested asked before each subject
     * @return by role; empty if a stop was requested
     * @throws PreceptorException if a subject can no longer be read; the training can be resumed
     */
    Optional<Map<String, Outcome>> run(Method method, BooleanSupplier stopRequested) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        ValidationSettings settings = plan.recipe().validation();
        if (settings.on() == ValidationSettings.On.FOLD
                && settings.postProcessing() == ValidationSettings.PostProcessingMode.CHOOSE) {
            notices.accept(
                    "no post-processing is chosen: validation.on is FOLD, and the held-out fold decides nothing; set"
                            + " validation.on=INNER");
        }
        PostProcessingStage rules = new PostProcessingStage(plan, notices);
        ReliabilityStage reliability = new ReliabilityStage(plan, communicator, notices);
        List<Sequence> sequences = method.roles().stream()
                .flatMap(role -> role.inputs().stream())
                .distinct()
                .toList();
        try {
            for (Role role : method.roles()) {
                Optional<ValidationPredictions> predictions = predictions(role, stopRequested);
                Optional<Outcome> outcome = rules.choose(role, predictions)
                        .flatMap(chosen -> reliability
                                .fit(role, predictions, chosen, sequences, stopRequested)
                                .map(fitted -> new Outcome(chosen, fitted)));
                if (outcome.isEmpty()) {
                    return Optional.empty();
                }
                outcomes.put(role.name(), outcome.get());
            }
            return Optional.of(outcomes);
        } catch (InvalidFileException e) {
            throw new PreceptorException(
                    e.getMessage()
                            + "; the training is finished: restore the file and resume it (train --resume, or the same study again)"
                            + " to write the models",
                    e);
        }
    }

    /** Of the validation subjects that may decide; empty if there are none. */
    private Optional<ValidationPredictions> predictions(Role role, BooleanSupplier stopRequested) {
        if (plan.recipe().validation().on() == ValidationSettings.On.FOLD) {
            return Optional.empty();
        }
        List<Subject> subjects = plan.subjects(plan.split().validation()).stream()
                .filter(subject -> subject.missing(role.bedside()).isEmpty())
                .toList();
        return subjects.isEmpty()
                ? Optional.empty()
                : Optional.of(new ValidationPredictions(
                        plan.recipe(), role, plan.cohort().schema(), subjects, device, communicator, stopRequested));
    }
}
