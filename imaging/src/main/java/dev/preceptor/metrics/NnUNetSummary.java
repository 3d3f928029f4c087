package dev.preceptor.metrics;

import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The content of nnU-Net v2's {@code summary.json}: for each case and on average, Dice, IoU, FN, FP, TN, TP, n_pred and n_ref by
 * region, where a region's key is the tuple of its labels as Python prints it, {@code (1, 2, 4)} or {@code (4,)}, or the label
 * itself if every region is one label. Dice and IoU
 * are NaN where both masks are empty, and NaN counts in no mean. Further fields hold the convention, the schema
 * and, if subjects leak, which and why, and through which models leakage is unknown.
 */
final class NnUNetSummary {
    private static final List<String> FIGURES = List.of("Dice", "FN", "FP", "IoU", "TN", "TP", "n_pred", "n_ref");

    private NnUNetSummary() {}

    static Map<String, Object> of(Evaluation evaluation) {
        LabelSpace schema = evaluation.schema().schema();
        List<Map<String, Map<String, Number>>> all = new ArrayList<>();
        List<Object> cases = new ArrayList<>();
        for (Evaluation.Case scored : evaluation.cases()) {
            Map<String, Map<String, Number>> metrics = new LinkedHashMap<>();
            scored.scores().forEach((region, score) -> metrics.put(key(region, schema), figures(score.overlap())));
            all.add(metrics);
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("metrics", metrics);
            entry.put("prediction_file", scored.prediction().toString());
            entry.put("reference_file", scored.reference().toString());
            cases.add(entry);
        }
        Map<String, Map<String, Number>> mean = new LinkedHashMap<>();
        for (Region region : evaluation.regions()) {
            String key = key(region, schema);
            mean.put(key, mean(all.stream().map(metrics -> metrics.get(key)).toList(), false));
        }
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("foreground_mean", mean(List.copyOf(mean.values()), true));
        summary.put("mean", mean);
        summary.put("metric_per_case", cases);
        summary.put("convention", Convention.NNUNET.name());
        summary.put("schema", schema.name());
        if (!evaluation.leaks().isEmpty()) {
            summary.put("leakage", evaluation.leaks());
        }
        if (!evaluation.unrecorded().isEmpty()) {
            summary.put("leakage_unknown", evaluation.unrecorded());
        }
        return summary;
    }

    private static Map<String, Number> figures(ConfusionCounts confusionCounts) {
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("Dice", confusionCounts.dice());
        figures.put("FN", confusionCounts.falseNegatives());
        figures.put("FP", confusionCounts.falsePositives());
        figures.put("IoU", confusionCounts.intersectionOverUnion());
        figures.put("TN", confusionCounts.trueNegatives());
        figures.put("TP", confusionCounts.truePositives());
        figures.put("n_pred", confusionCounts.predicted());
        figures.put("n_ref", confusionCounts.referenced());
        return figures;
    }

    /** nnU-Net ignores NaN in means over cases, not in means over regions. */
    private static Map<String, Number> mean(List<Map<String, Number>> rows, boolean keepNaN) {
        Map<String, Number> mean = new LinkedHashMap<>();
        for (String figure : FIGURES) {
            mean.put(
                    figure,
                    rows.stream()
                            .mapToDouble(row -> row.get(figure).doubleValue())
                            .filter(v -> keepNaN || !Double.isNaN(v))
                            .average()
                            .orElse(Double.NaN));
        }
        return mean;
    }

    private static String key(Region region, LabelSpace schema) {
        List<String> values = schema.values().keySet().stream()
                .filter(value -> schema.contains(region, value))
                .map(String::valueOf)
                .toList();
        boolean isPlain =
                schema.regions().stream().allMatch(one -> one.classes().size() == 1);
        if (isPlain && values.size() == 1) {
            return values.get(0);
        }
        return values.size() == 1
                ? "(" + values.get(0) + ",)"
                : values.stream().collect(Collectors.joining(", ", "(", ")"));
    }
}
