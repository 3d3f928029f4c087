package dev.preceptor.spark;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The subjects of one task.
 *
 * @param application that the driver runs
 * @param subjects their files
 * @param entries what {@code predictions.json} says of them
 * @param isSecondTry whether each of them was in work when its executor was lost
 */
record PredictionBatch(
        String application, List<SubjectManifest> subjects, Map<String, JsonNode> entries, boolean isSecondTry) {}
