package dev.preceptor.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The figures of a {@link RegionScore} by their names in files. Stateless. */
final class ScoreColumns {
    private ScoreColumns() {}

    /** The columns before the convention, which have stood in every version of the files. Volumes are in ml, HD95 is in mm. */
    static Map<String, ToDoubleFunction<RegionScore>> first() {
        Map<String, ToDoubleFunction<RegionScore>> columns = new LinkedHashMap<>();
        columns.put("dice", RegionScore::dice);
        columns.put("hd95", RegionScore::hd95Mm);
        columns.put("sensitivity", RegionScore::sensitivity);
        columns.put("specificity", RegionScore::specificity);
        columns.put("reference_ml", RegionScore::referenceMl);
        columns.put("predicted_ml", RegionScore::predictedMl);
        return columns;
    }

    /** The columns after the convention; they hold volumetric and slice Dice whichever the convention calls Dice. */
    static Map<String, ToDoubleFunction<RegionScore>> further(List<Double> tolerancesMm) {
        Map<String, ToDoubleFunction<RegionScore>> columns = new LinkedHashMap<>();
        columns.put("volume_difference_ml", RegionScore::volumeDifferenceMl);
        columns.put("volumetric_dice", score -> score.overlap().dice());
        columns.put("slice_dice_mtcm", RegionScore::sliceDice);
        for (int i = 0; i < tolerancesMm.size(); i++) {
            int at = i;
            columns.put(
                    "surface_dice_" + millimetres(tolerancesMm.get(i)) + "mm",
                    score -> score.surfaceDice().get(at).value());
        }
        return columns;
    }

    /** All figures of one score by name. */
    static Map<String, Double> of(RegionScore score) {
        Map<String, Double> figures = new LinkedHashMap<>();
        first().forEach((name, figure) -> figures.put(name, figure.applyAsDouble(score)));
        further(tolerances(score)).forEach((name, figure) -> figures.put(name, figure.applyAsDouble(score)));
        return figures;
    }

    static List<Double> tolerances(RegionScore score) {
        return score.surfaceDice().stream().map(SurfaceDice::toleranceMm).toList();
    }

    private static String millimetres(double tolerance) {
        return tolerance == Math.rint(tolerance) ? Long.toString(Math.round(tolerance)) : Double.toString(tolerance);
    }
}
