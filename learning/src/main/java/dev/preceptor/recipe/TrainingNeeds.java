package dev.preceptor.recipe;

import dev.preceptor.distill.Method;
import dev.preceptor.network.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a training needs of the subjects of a cohort.
 *
 * @param method name of the method
 * @param sequences by network: the student, then each teacher
 * @param usesUnlabelled whether the method learns from subjects without a label map too
 */
public record TrainingNeeds(String method, List<SequenceNeed> sequences, boolean usesUnlabelled) {
    public TrainingNeeds {
        sequences = List.copyOf(sequences);
    }

    /**
     * The needs of a recipe, whose networks say whether they need all their sequences.
     *
     * @param built the method of the recipe
     */
    public static TrainingNeeds of(Recipe recipe, Method built) {
        List<SequenceNeed> needs = new ArrayList<>(recipe.needs());
        needs.replaceAll(need -> built.roles().stream()
                        .filter(role -> role.inputs().equals(need.sequences()))
                        .allMatch(role -> role.network().requires() == Requirement.ANY_SUBSET)
                ? need.any()
                : need);
        return new TrainingNeeds(recipe.method(), needs, built.usesUnlabelled());
    }

    /** These needs and those of the other arms of a study, so that all arms get the same subjects. */
    public TrainingNeeds and(List<SequenceNeed> others) {
        return new TrainingNeeds(
                method,
                Stream.concat(sequences.stream(), others.stream()).distinct().toList(),
                usesUnlabelled);
    }
}
