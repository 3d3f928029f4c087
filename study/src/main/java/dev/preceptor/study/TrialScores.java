package dev.preceptor.study;

import dev.preceptor.leakage.Leakage;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code scores/cell.json}: what one cell earned. It stands there once the cell is finished, and never changes again.
 *
 * @param cell name of the cell
 * @param recipe hash of its recipe
 * @param cohort fingerprint of the cohort that was learned from
 * @param fold K/N, or empty
 * @param convention under which it was scored
 * @param version of Preceptor
 * @param commit of its source
 * @param leakage whom the networks had met of those who were scored
 * @param roles what each network earned, {@code student} and the teachers
 */
record TrialScores(
        String cell,
        String recipe,
        String cohort,
        String fold,
        Convention convention,
        String version,
        String commit,
        Leakage leakage,
        Map<String, RoleScores> roles) {

    /**
     * What one network earned.
     *
     * @param inputs names of the sequences that it saw
     * @param subjects by id, region and figure
     */
    record RoleScores(List<String> inputs, Map<String, Map<String, Map<Metric, Double>>> subjects) {
        static RoleScores of(List<String> inputs, Evaluation evaluation) {
            Map<String, Map<String, Map<Metric, Double>>> subjects = new TreeMap<>();
            for (Evaluation.Case scored : evaluation.cases()) {
                Map<String, Map<Metric, Double>> regions = new LinkedHashMap<>();
                scored.scores().forEach((region, earned) -> {
                    Map<Metric, Double> figures = new EnumMap<>(Metric.class);
                    for (Metric metric : Metric.values()) {
                        figures.put(metric, metric.of(earned));
                    }
                    regions.put(region.name(), figures);
                });
                subjects.put(scored.subject(), regions);
            }
            return new RoleScores(inputs, subjects);
        }
    }

    /** Where it stands in the folder of a cell. */
    static Path file(Path cell) {
        return cell.resolve("scores").resolve("cell.json");
    }

    /** Of a cell that is finished. */
    static Optional<TrialScores> in(Path cell) {
        Path file = file(cell);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        return Optional.of(BoundJson.read(
                file, TrialScores.class, "cannot be understood; remove its folder to have the cell done again"));
    }
}
