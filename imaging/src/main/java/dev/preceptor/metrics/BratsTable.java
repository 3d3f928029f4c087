package dev.preceptor.metrics;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The content of {@code brats.csv}: the official table of BraTS, after a column for the subject; and one more where some leak. */
final class BratsTable {
    private BratsTable() {}

    static String csv(Evaluation evaluation) {
        List<Evaluation.Case> scored = evaluation.cases();
        String figures = scored.stream()
                .flatMap(c -> c.brats().values().stream())
                .findFirst()
                .map(score -> "," + String.join(",", score.columns().keySet()))
                .orElse("");
        String lines = scored.stream().flatMap(one -> lines(evaluation, one)).collect(Collectors.joining());
        return "Subject,Labels" + figures + (evaluation.leaks().isEmpty() ? "" : ",Leakage") + "\n" + lines;
    }

    private static Stream<String> lines(Evaluation evaluation, Evaluation.Case scored) {
        return scored.brats().entrySet().stream()
                .map(entry -> entry.getValue().columns().values().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(
                                ",",
                                EvaluationText.quoted(scored.subject()) + "," + entry.getKey() + ",",
                                EvaluationText.leak(evaluation, scored) + "\n")));
    }
}
