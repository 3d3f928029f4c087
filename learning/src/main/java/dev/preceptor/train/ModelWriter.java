package dev.preceptor.train;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.distill.Role;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.Scores;
import dev.preceptor.network.Requirement;
import dev.preceptor.quality.Reliability;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the model files of a finished training.
 *
 * @param plan the plan of the training
 * @param folder the folder of the run
 */
record ModelWriter(TrainingPlan plan, RunFolder folder) {
    /**
     * Writes the model of a role with its provenance.
     *
     * @param validation validation losses and scores of the weights by name; empty without validation
     * @param postProcessing of its predictions
     * @param reliability what was fitted about it
     * @return the file
     * @throws PreceptorException if it cannot be written; the training can be resumed to write it
     */
    Path write(Role role, Map<String, Double> validation, PostProcessing postProcessing, Reliability reliability) {
        Recipe recipe = plan.recipe();
        ModelDescription model = new ModelDescription(
                role.network().spec(),
                role.inputs(),
                role.outputs().encoding(),
                plan.cohort().schema(),
                recipe.preprocessing(),
                recipe.sampling().patchSize(),
                recipe.overlap(),
                provenance(role),
                scores(role, validation),
                postProcessing,
                reliability,
                role.network().requires() == Requirement.ANY_SUBSET
                        ? role.inputs().stream()
                                .filter(role.bedside()::contains)
                                .toList()
                        : List.of());
        Path file = folder.model(role.name());
        try {
            ModelFile.of(model, role.network().parameters()).write(file);
        } catch (PreceptorException e) {
            throw new PreceptorException(
                    e.getMessage()
                            + "; the training is finished: free some space and resume it (train --resume, or the same study again)"
                            + " to write the file",
                    e);
        }
        return file;
    }

    private Map<String, String> provenance(Role role) {
        Map<String, String> provenance = new TreeMap<>();
        provenance.put("recipe", plan.recipe().hash());
        provenance.put("method", plan.recipe().method());
        provenance.put("role", role.name());
        provenance.put("cohort", plan.fingerprint());
        provenance.putAll(plan.trainedOn().toProvenance());
        provenance.put("version", BuildInfo.VERSION);
        provenance.put("commit", BuildInfo.COMMIT);
        provenance.put("date", Instant.now().toString());
        return provenance;
    }

    private static String selection(ValidationSettings.Monitor monitor) {
        return (monitor == ValidationSettings.Monitor.TOTAL ? "they" : "their " + monitor.noun())
                + " selected the weights";
    }

    private Scores scores(Role role, Map<String, Double> validation) {
        Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
        for (Region region : role.outputs().labels().regions()) {
            Double dice = validation.get(TrainingEvent.EpochEnded.DICE + region.name());
            if (dice != null) {
                scores.put(region.name(), Map.of("dice", dice));
            }
        }
        return scores.isEmpty()
                ? Scores.NONE
                : new Scores(
                        "BRATS_LEGACY",
                        "the validation subjects of the training, on the grid of the model"
                                + (plan.recipe().validation().select() == ValidationSettings.Select.BEST
                                        ? "; "
                                                + selection(plan.recipe()
                                                        .validation()
                                                        .monitor())
                                        : ""),
                        plan.split().validation().size(),
                        scores);
    }
}
