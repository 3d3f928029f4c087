package dev.preceptor.metrics;

import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** An evaluation as a table and as comma-separated values. */
final class EvaluationText {
    private EvaluationText() {}

    static String table(Evaluation evaluation) {
        StringBuilder text = new StringBuilder();
        Convention convention = evaluation.convention();
        line(
                text,
                "%d subjects, convention %s%s, schema %s (%s)",
                evaluation.cases().size(),
                convention,
                convention.hasDistances() ? " with " + convention.hausdorff() : "",
                evaluation.schema().schema(),
                evaluation.schema().reason());
        leaks(text, evaluation);
        line(
                text,
                "%-8s %8s %8s %9s %12s %12s %13s %13s",
                "region",
                "Dice",
                "std",
                "HD95 mm",
                "sensitivity",
                "specificity",
                "reference ml",
                "predicted ml");
        for (Region region : Region.BRATS) {
            line(
                    text,
                    "%-8s %8.4f %8.4f %9.2f %12.4f %12.4f %13.2f %13.2f%s",
                    region,
                    evaluation.mean(region, RegionScore::dice),
                    spread(evaluation, region, RegionScore::dice),
                    evaluation.mean(region, RegionScore::hd95Mm),
                    evaluation.mean(region, RegionScore::sensitivity),
                    evaluation.mean(region, RegionScore::specificity),
                    evaluation.mean(region, RegionScore::referenceMl),
                    evaluation.mean(region, RegionScore::predictedMl),
                    evaluation.leaks().isEmpty() ? "" : "  LEAKAGE");
        }
        if (convention == Convention.SLICE_MTCM) {
            volumetric(text, evaluation);
        }
        if (convention.isLesionWise()) {
            lesions(text, evaluation);
        }
        calibration(text, evaluation);
        partnerless(text, "prediction", "reference", evaluation.predictionsAlone());
        partnerless(text, "reference", "prediction", evaluation.referencesAlone());
        return text.toString();
    }

    static String csv(Evaluation evaluation) {
        Map<String, ToDoubleFunction<RegionScore>> first = ScoreColumns.first();
        Map<String, ToDoubleFunction<RegionScore>> further = evaluation.cases().stream()
                .flatMap(c -> c.scores().values().stream())
                .findFirst()
                .map(score -> ScoreColumns.further(ScoreColumns.tolerances(score)))
                .orElse(Map.of());
        StringBuilder text = new StringBuilder("subject,region,").append(String.join(",", first.keySet()));
        text.append(",convention,").append(String.join(",", further.keySet()));
        text.append(evaluation.leaks().isEmpty() ? "" : ",leakage").append('\n');
        for (Evaluation.Case scored : evaluation.cases()) {
            scored.scores().forEach((region, score) -> {
                text.append(quoted(scored.subject())).append(',').append(region);
                first.values().forEach(figure -> text.append(',').append(figure.applyAsDouble(score)));
                text.append(',').append(evaluation.convention());
                further.values().forEach(figure -> text.append(',').append(figure.applyAsDouble(score)));
                text.append(leak(evaluation, scored)).append('\n');
            });
        }
        return text.toString();
    }

    /** A last field where somebody leaks: why this subject does, or nothing. */
    static String leak(Evaluation evaluation, Evaluation.Case scored) {
        return evaluation.leaks().isEmpty()
                ? ""
                : "," + quoted(evaluation.leaks().getOrDefault(scored.subject(), ""));
    }

    private static void leaks(StringBuilder text, Evaluation evaluation) {
        if (!evaluation.leaks().isEmpty()) {
            line(
                    text,
                    "LEAKAGE: %d of the %d subjects were met in training; what they score says nothing about unseen patients",
                    evaluation.leaks().size(),
                    evaluation.cases().size());
            evaluation.leaks().forEach((subject, reason) -> line(text, "  %s: %s", subject, reason));
        }
    }

    private static void lesions(StringBuilder text, Evaluation evaluation) {
        evaluation.rules().ifPresent(rules -> {
            line(
                    text,
                    "%-8s %8s %9s %8s %8s %8s   lesion by lesion, %s",
                    "region",
                    "Dice",
                    "HD95 mm",
                    "found",
                    "missed",
                    "false",
                    rules);
            for (Region region : rules.regions()) {
                line(
                        text,
                        "%-8s %8.4f %9.2f %8.0f %8.0f %8.0f",
                        region,
                        lesions(evaluation, region, LesionWise::dice).average().orElse(Double.NaN),
                        lesions(evaluation, region, LesionWise::hd95Mm)
                                .average()
                                .orElse(Double.NaN),
                        lesions(evaluation, region, LesionWise::found).sum(),
                        lesions(evaluation, region, LesionWise::missed).sum(),
                        lesions(evaluation, region, LesionWise::falsePieces).sum());
            }
        });
    }

    private static DoubleStream lesions(Evaluation evaluation, Region region, ToDoubleFunction<LesionWise> figure) {
        return evaluation.cases().stream()
                .mapToDouble(c -> figure.applyAsDouble(c.brats().get(region).lesions()));
    }

    private static void volumetric(StringBuilder text, Evaluation evaluation) {
        String figures = Region.BRATS.stream()
                .map(region -> String.format(
                        Locale.ROOT,
                        "%s %.4f",
                        region,
                        evaluation.mean(region, score -> score.overlap().dice())))
                .collect(Collectors.joining(", "));
        line(text, "Dice above is over slices; volumetric Dice of the same masks: %s", figures);
    }

    private static void calibration(StringBuilder text, Evaluation evaluation) {
        for (Region region : Region.BRATS) {
            List<Calibration> found = evaluation.cases().stream()
                    .flatMap(c -> Stream.ofNullable(c.calibration().get(region)))
                    .toList();
            if (!found.isEmpty()) {
                line(
                        text,
                        "calibration of %s over %d subjects: Brier %.5f, expected error %.5f; around the tumour %.5f, %.5f"
                                + " (%d bins)",
                        region,
                        found.size(),
                        mean(found, c -> c.everywhere().brier()),
                        mean(found, c -> c.everywhere().expectedError()),
                        mean(found, c -> c.aroundTumour().brier()),
                        mean(found, c -> c.aroundTumour().expectedError()),
                        ReliabilityDiagram.BINS);
            }
        }
    }

    private static double mean(List<Calibration> calibrations, ToDoubleFunction<Calibration> figure) {
        return calibrations.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    private static void partnerless(StringBuilder text, String what, String lacking, List<String> ids) {
        if (!ids.isEmpty()) {
            int shown = Math.min(5, ids.size());
            line(
                    text,
                    "not scored: %d %s without a %s (%s%s)",
                    ids.size(),
                    ids.size() == 1 ? what : what + "s",
                    lacking,
                    String.join(", ", ids.subList(0, shown)),
                    ids.size() > shown ? ", ..." : "");
        }
    }

    /** The population standard deviation over the subjects for which the figure is defined. */
    private static double spread(Evaluation evaluation, Region region, ToDoubleFunction<RegionScore> figure) {
        double mean = evaluation.mean(region, figure);
        return Math.sqrt(evaluation.mean(region, s -> Math.pow(figure.applyAsDouble(s) - mean, 2)));
    }

    /** A field of comma-separated values. */
    static String quoted(String field) {
        return field.matches("[^\",\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
