package dev.preceptor.metrics;

import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

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
                    "%-8s %8.4f %8.4f %9.2f %12.4f %12.4f %13.2f %13.2f",
                    region,
                    evaluation.mean(region, RegionScore::dice),
                    spread(evaluation, region, RegionScore::dice),
                    evaluation.mean(region, RegionScore::hd95Mm),
                    evaluation.mean(region, RegionScore::sensitivity),
                    evaluation.mean(region, RegionScore::specificity),
                    evaluation.mean(region, RegionScore::referenceMl),
                    evaluation.mean(region, RegionScore::predictedMl));
        }
        partnerless(text, "prediction", "reference", evaluation.predictionsAlone());
        partnerless(text, "reference", "prediction", evaluation.referencesAlone());
        return text.toString();
    }

    static String csv(Evaluation evaluation) {
        StringBuilder text = new StringBuilder(
                "subject,region,dice,hd95,sensitivity,specificity,reference_ml,predicted_ml,convention\n");
        for (Evaluation.Case scored : evaluation.cases()) {
            scored.scores()
                    .forEach((region, s) -> line(
                            text,
                            "%s,%s,%s,%s,%s,%s,%s,%s,%s",
                            quoted(scored.subject()),
                            region,
                            s.dice(),
                            s.hd95Mm(),
                            s.sensitivity(),
                            s.specificity(),
                            s.referenceMl(),
                            s.predictedMl(),
                            evaluation.convention()));
        }
        return text.toString();
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

    private static String quoted(String field) {
        return field.matches("[^\",\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
