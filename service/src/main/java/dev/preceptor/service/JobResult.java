package dev.preceptor.service;

import dev.preceptor.infer.Prediction;
import dev.preceptor.quality.DiceEstimate;
import dev.preceptor.quality.GuardFinding;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a job found.
 *
 * @param labels the values of the label map
 * @param regions volumes and the Dice that is expected
 * @param guards all that were checked
 * @param sequences from which the model segmented
 * @param warnings one line each
 * @param hasSegmentation whether there is a DICOM Segmentation
 */
public record JobResult(
        List<Label> labels,
        List<RegionResult> regions,
        List<GuardResult> guards,
        List<String> sequences,
        List<String> warnings,
        boolean hasSegmentation) {
    /** A value of the label map and its meaning. */
    public record Label(int value, String name) {}

    /**
     * A region.
     *
     * @param name of it
     * @param volumeMl millilitres
     * @param labels the values of the label map that belong to it
     * @param dice that the model expects; empty if it does not know
     */
    public record RegionResult(String name, double volumeMl, List<Integer> labels, Optional<ExpectedDice> dice) {}

    /**
     * The Dice that a region is expected to have, 0 to 1.
     *
     * @param expected the expectation
     * @param low end of the interval; empty if none was fitted
     * @param high end of the interval; empty if none was fitted
     */
    public record ExpectedDice(double expected, Optional<Double> low, Optional<Double> high) {
        static ExpectedDice of(DiceEstimate estimate) {
            return estimate.isFitted()
                    ? new ExpectedDice(
                            rounded(estimate.dice()),
                            Optional.of(rounded(estimate.lower())),
                            Optional.of(rounded(estimate.upper())))
                    : new ExpectedDice(rounded(estimate.dice()), Optional.empty(), Optional.empty());
        }
    }

    /** A guard: its name, score, threshold, what it does if it fires ({@code warn} or {@code refuse}), and whether it fired. */
    public record GuardResult(String name, double score, double threshold, String action, boolean fired) {
        static GuardResult of(GuardFinding finding) {
            return new GuardResult(
                    finding.guard().label(),
                    rounded(finding.score()),
                    rounded(finding.threshold()),
                    finding.refuses() ? "refuse" : "warn",
                    finding.fires());
        }
    }

    public JobResult {
        labels = List.copyOf(labels);
        regions = List.copyOf(regions);
        guards = List.copyOf(guards);
        sequences = List.copyOf(sequences);
        warnings = List.copyOf(warnings);
    }

    static JobResult of(Prediction prediction, List<String> warnings, boolean hasSegmentation) {
        LabelMap labels = prediction.labels();
        return new JobResult(
                labels(labels.schema()),
                labels.schema().regions().stream()
                        .map(region -> region(region, prediction))
                        .toList(),
                guards(prediction.assessment().findings()),
                prediction.used().stream().map(Sequence::name).toList(),
                warnings,
                hasSegmentation);
    }

    static List<Label> labels(LabelSpace space) {
        return space.values().entrySet().stream()
                .map(entry -> new Label(entry.getKey(), entry.getValue().name()))
                .toList();
    }

    static List<GuardResult> guards(List<GuardFinding> findings) {
        return findings.stream().map(GuardResult::of).toList();
    }

    private static RegionResult region(Region region, Prediction prediction) {
        LabelMap labels = prediction.labels();
        double volume = labels.mask(region).cardinality() * labels.grid().voxelVolume() / 1000;
        return new RegionResult(
                region.name(),
                rounded(volume),
                labels.schema().values().entrySet().stream()
                        .filter(label -> region.classes().contains(label.getValue()))
                        .map(Map.Entry::getKey)
                        .toList(),
                Optional.ofNullable(prediction.assessment().dice().get(region.name()))
                        .map(ExpectedDice::of));
    }

    private static double rounded(double value) {
        return Double.isFinite(value) ? Math.rint(value * 1e4) / 1e4 : 0;
    }
}
