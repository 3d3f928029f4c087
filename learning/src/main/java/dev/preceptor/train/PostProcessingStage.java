package dev.preceptor.train;

import dev.preceptor.distill.Role;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.recipe.ValidationSettings;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Chooses the post-processing of each role on the validation subjects. It changes no weights and depends on them and on the subjects
 * only, so that a training resumed after its last step chooses the same.
 *
 * @param plan the plan of the training
 * @param notices receives what was chosen, one line for each role
 */
record PostProcessingStage(TrainingPlan plan, Consumer<String> notices) {
    /**
     * Chooses for a role; all processes call it. The held-out fold decides nothing.
     *
     * @param predictions of its network with its final weights, on at least one validation subject; empty if there are none
     * @return the post-processing; empty if a stop was requested
     */
    Optional<PostProcessing> choose(Role role, Optional<ValidationPredictions> predictions) {
        ValidationSettings settings = plan.recipe().validation();
        if (settings.postProcessing() == ValidationSettings.PostProcessingMode.NONE
                || settings.on() == ValidationSettings.On.FOLD) {
            return Optional.of(PostProcessing.NONE);
        }
        if (predictions.isEmpty()) {
            notices.accept("no post-processing of the " + role.name() + " is chosen: there are no validation subjects");
            return Optional.of(PostProcessing.NONE);
        }
        Optional<PostProcessing> rules =
                new PostProcessingChoice(plan.cohort().schema(), predictions.get()::dice).choose();
        rules.ifPresent(found -> notices.accept("post-processing of the " + role.name() + " on "
                + predictions.get().subjects() + " validation subjects: " + found));
        return rules;
    }
}
