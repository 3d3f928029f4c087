package dev.preceptor.train;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Subject;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.recipe.ValidationSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Device;

/**
 * The end of a training: chooses the post-processing of each role on the validation subjects. It changes no weights and depends on
 * them and on the subjects only, so that a training resumed after its last step chooses the same.
 *
 * @param plan the plan of the training
 * @param device where the networks compute
 * @param communicator the processes that share the subjects
 * @param notices receives what was chosen, one line for each role
 */
record PostProcessingStage(TrainingPlan plan, Device device, Communicator communicator, Consumer<String> notices) {
    /**
     * Chooses for each role; all processes call it.
     *
     * @param method with its final weights
     * @param stopRequested asked before each subject
     * @return the post-processing by role, for a role without validation subjects none; empty if a stop was requested
     * @throws PreceptorException if a validation subject can no longer be read; the training can be resumed
     */
    Optional<Map<String, PostProcessing>> choose(Method method, BooleanSupplier stopRequested) {
        Map<String, PostProcessing> chosen = new LinkedHashMap<>();
        ValidationSettings settings = plan.recipe().validation();
        if (settings.postProcessing() == ValidationSettings.PostProcessingMode.NONE) {
            return Optional.of(chosen);
        }
        if (settings.on() == ValidationSettings.On.FOLD) {
            notices.accept(
                    "no post-processing is chosen: validation.on is FOLD, and the held-out fold decides nothing; set"
                            + " validation.on=INNER");
            return Optional.of(chosen);
        }
        for (Role role : method.roles()) {
            List<Subject> subjects = plan.subjects(plan.split().validation()).stream()
                    .filter(subject -> subject.missing(role.bedside()).isEmpty())
                    .toList();
            if (subjects.isEmpty()) {
                notices.accept(
                        "no post-processing of the " + role.name() + " is chosen: there are no validation subjects");
                continue;
            }
            Optional<PostProcessing> rules = choose(role, subjects, stopRequested);
            if (rules.isEmpty()) {
                return Optional.empty();
            }
            chosen.put(role.name(), rules.get());
        }
        return Optional.of(chosen);
    }

    private Optional<PostProcessing> choose(Role role, List<Subject> subjects, BooleanSupplier stopRequested) {
        ValidationPredictions predictions = new ValidationPredictions(
                plan.recipe(), role, plan.cohort().schema(), subjects, device, communicator, stopRequested);
        try {
            Optional<PostProcessing> rules =
                    new PostProcessingChoice(plan.cohort().schema(), predictions::dice).choose();
            rules.ifPresent(found -> notices.accept("post-processing of the " + role.name() + " on " + subjects.size()
                    + " validation subjects: " + found));
            return rules;
        } catch (InvalidFileException e) {
            throw new PreceptorException(
                    e.getMessage()
                            + "; the training is finished: restore the file and resume it (train --resume, or the same study again)"
                            + " to choose the post-processing and write the models",
                    e);
        }
    }
}
