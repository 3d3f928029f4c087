package dev.preceptor.metrics;

import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.TextTable;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An evaluation for a terminal: means by region, and which files were not scored. Stateless. */
public final class EvaluationText {
    private static final List<Integer> MEANS = List.of(10, 8, 9, 12, 12, 13, 13, 8);
    private static final List<Integer> LESIONS = List.of(8, 9, 8, 8, 8);
    private static final int REGION = 8;

    private EvaluationText() {}

    /** Several lines: subjects and convention, warnings, leaks, means, lesions, calibration, files without a partner. */
    public static String of(Evaluation evaluation) {
        StringBuilder text = new StringBuilder();
        Convention convention = evaluation.convention();
        line(
                text,
                "%s, convention %s%s, schema %s (%s)",
                evaluation.patients().counted("subjects"),
                convention,
                convention.hasDistances() ? " with " + convention.hausdorff() : "",
                evaluation.schema().schema(),
                evaluation.schema().reason());
        evaluation.warnings().forEach(warning -> line(text, "%s", warning));
        leaks(text, evaluation);
        text.append(columns(evaluation, MEANS).render(EvaluationTables.means(evaluation)));
        if (convention == Convention.SLICE_MTCM) {
            volumetric(text, evaluation);
        }
        if (convention.isLesionWise()) {
            evaluation
                    .rules()
                    .map(rules -> EvaluationTables.lesions(evaluation, rules))
                    .ifPresent(
                            table -> text.append(columns(evaluation, LESIONS).render(table, "   " + table.caption())));
        }
        calibration(text, evaluation);
        unpaired(text, "prediction", "reference", evaluation.unmatchedPredictions());
        unpaired(text, "reference", "prediction", evaluation.unmatchedReferences());
        return text.toString();
    }

    /** A column for the names of the regions, at least {@link #REGION} wide, before columns of figures. */
    private static TextTable columns(Evaluation evaluation, List<Integer> figures) {
        List<Integer> widths = new ArrayList<>(List.of(evaluation.regions().stream()
                .mapToInt(region -> region.name().length())
                .reduce(REGION, Math::max)));
        widths.addAll(figures);
        return new TextTable(NumberStyle.BARE, " ", widths);
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

    private static void volumetric(StringBuilder text, Evaluation evaluation) {
        String figures = evaluation.regions().stream()
                .map(region -> String.format(
                        Locale.ROOT,
                        "%s %.4f",
                        region,
                        evaluation.mean(region, score -> score.overlap().dice())))
                .collect(Collectors.joining(", "));
        line(text, "volumetric Dice of the same masks: %s", figures);
    }

    private static void calibration(StringBuilder text, Evaluation evaluation) {
        for (Region region : evaluation.regions()) {
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

    private static void unpaired(StringBuilder text, String what, String lacking, List<String> ids) {
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

    @SuppressWarnings("AnnotateFormatMethod")
    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
