package dev.preceptor.metrics;

import dev.preceptor.volume.Region;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The content of {@code scores.json}: everything that an evaluation holds, for programs. */
final class ScoresJson {
    private ScoresJson() {}

    static Map<String, Object> of(Evaluation evaluation) {
        Map<String, Object> json = new LinkedHashMap<>();
        Convention convention = evaluation.convention();
        json.put("convention", convention.name());
        json.put("hd95", convention.hasDistances() ? convention.hausdorff().name() : null);
        json.put("brats_rules", evaluation.rules().map(LesionRules::toString).orElse(null));
        json.put("schema", evaluation.schema().schema().name());
        json.put("schema_reason", evaluation.schema().reason());
        json.put("patients", evaluation.patients().count());
        json.put("leakage", evaluation.leaks());
        json.put("leakage_unknown", evaluation.unrecorded());
        json.put("mean", means(evaluation));
        json.put("cases", evaluation.cases().stream().map(ScoresJson::scored).toList());
        json.put("predictions_without_reference", evaluation.unmatchedPredictions());
        json.put("references_without_prediction", evaluation.unmatchedReferences());
        return json;
    }

    private static Map<String, Object> means(Evaluation evaluation) {
        Map<String, Object> means = new LinkedHashMap<>();
        for (Region region : evaluation.regions()) {
            List<Map<String, Double>> rows = evaluation.cases().stream()
                    .map(c -> ScoreColumns.of(c.scores().get(region)))
                    .toList();
            Map<String, Double> mean = new LinkedHashMap<>();
            for (String name : rows.get(0).keySet()) {
                mean.put(
                        name,
                        rows.stream()
                                .mapToDouble(row -> row.get(name))
                                .filter(v -> !Double.isNaN(v))
                                .average()
                                .orElse(Double.NaN));
            }
            means.put(region.name(), mean);
        }
        return means;
    }

    private static Map<String, Object> scored(Evaluation.Case scored) {
        Map<String, Object> regions = new LinkedHashMap<>();
        scored.scores().forEach((region, score) -> regions.put(region.name(), ScoreColumns.of(score)));
        Map<String, Object> brats = new LinkedHashMap<>();
        scored.brats().forEach((region, score) -> brats.put(region.name(), score.columns()));
        Map<String, Object> calibration = new LinkedHashMap<>();
        scored.calibration().forEach((region, found) -> calibration.put(region.name(), calibration(found)));
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("subject", scored.subject());
        entry.put("prediction_file", scored.prediction().toString());
        entry.put("reference_file", scored.reference().toString());
        entry.put("regions", regions);
        entry.put("brats", brats);
        if (!calibration.isEmpty()) {
            entry.put("calibration", calibration);
        }
        return entry;
    }

    private static Map<String, Object> calibration(Calibration calibration) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("everywhere", reliability(calibration.everywhere()));
        json.put("around_tumour", reliability(calibration.aroundTumour()));
        return json;
    }

    private static Map<String, Object> reliability(ReliabilityDiagram reliabilityDiagram) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("voxels", reliabilityDiagram.voxels());
        json.put("brier", reliabilityDiagram.brier());
        json.put("expected_calibration_error", reliabilityDiagram.expectedError());
        json.put("bins", reliabilityDiagram.bins());
        return json;
    }
}
