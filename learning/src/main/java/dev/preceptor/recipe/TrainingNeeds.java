package dev.preceptor.recipe;

import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.network.Requirement;
import java.util.ArrayList;
import java.util.List;

/**
 * What a training needs of the subjects of a cohort.
 *
 * @param method what leaves out subjects without a label map, for messages: the method, or the setting
 * @param sequences by network: the student, then each teacher
 * @param usesUnlabelled whether the method learns from subjects without a label map too
 */
public record TrainingNeeds(String method, List<SequenceNeed> sequences, boolean usesUnlabelled) {
    public TrainingNeeds {
        sequences = List.copyOf(sequences);
    }

    /** The needs of a recipe if each network needs all its sequences, for the choice of labelled subjects. */
    public static TrainingNeeds of(Recipe recipe) {
        return new TrainingNeeds(recipe.method(), recipe.needs(), false);
    }

    /**
     * The needs of a recipe, whose networks say whether they need all their sequences.
     *
     * @param built the method of the recipe
     */
    public static TrainingNeeds of(Recipe recipe, Method built) {
        List<SequenceNeed> needs = new ArrayList<>(recipe.needs());
        needs.replaceAll(need -> takesAnySubset(need, built) ? need.any() : need);
        boolean isMixedIn = recipe.sampling().unlabelled().draws();
        return new TrainingNeeds(
                built.usesUnlabelled() ? "sampling.unlabelled of the recipe" : recipe.method(),
                needs,
                built.usesUnlabelled() && isMixedIn);
    }

    private static boolean takesAnySubset(SequenceNeed need, Method built) {
        List<Role> roles = built.roles().stream()
                .filter(role -> role.inputs().equals(need.sequences()))
                .toList();
        return !roles.isEmpty()
                && roles.stream().allMatch(role -> role.network().requires() == Requirement.ANY_SUBSET);
    }
}
