package dev.preceptor.benchmarks;

import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects named statistics, one value per patient, and gives their means and standard deviations over patients. */
final class CohortStatistics {
    private static final String[] TISSUES = {"CSF", "GM", "WM", "NCR", "ED", "ET"};

    private final Map<String, List<Double>> figures = new LinkedHashMap<>();

    /**
     * Adds a patient.
     *
     * @param labels in the schema BRATS_2018
     * @param tissues healthy tissue by voxel: 1 CSF, 2 GM, 3 WM, 0 unknown; ignored inside the tumour
     */
    void add(Map<Sequence, Volume> volumes, LabelMap labels, float[] tissues) {
        int[] classes = new int[tissues.length];
        for (int i = 0; i < classes.length; i++) {
            int label = labels.voxels()[i];
            classes[i] = label == 0 ? (int) tissues[i] - 1 : label == 1 ? 3 : label == 2 ? 4 : 5;
        }
        volumes.forEach((sequence, volume) -> addSequence(sequence.name(), volume.voxels(), classes));
        double ml = labels.grid().voxelVolume() / 1000;
        long brain = 0;
        for (float value : volumes.get(Sequence.T1).voxels()) {
            brain += value != 0 ? 1 : 0;
        }
        put("brain ml", brain * ml);
        for (Region region : Region.BRATS) {
            put(region + " ml", labels.mask(region).cardinality() * ml);
        }
        put(
                "ET share of TC",
                (double) labels.mask(Region.ET).cardinality()
                        / Math.max(1, labels.mask(Region.TC).cardinality()));
        put("WT lesions over 1 ml", lesions(labels, Region.WT, ml));
        put("TC lesions over 1 ml", lesions(labels, Region.TC, ml));
    }

    private static double lesions(LabelMap labels, Region region, double ml) {
        ConnectedComponents components =
                ConnectedComponents.of(labels.mask(region), labels.size(), Connectivity.CORNERS);
        int count = 0;
        for (int c = 1; c <= components.count(); c++) {
            count += components.voxels(c) * ml > 1 ? 1 : 0;
        }
        return count;
    }

    private void addSequence(String sequence, float[] voxels, int[] classes) {
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (float value : voxels) {
            if (value != 0) {
                sum += value;
                squares += (double) value * value;
                count++;
            }
        }
        double mean = sum / count;
        double deviation = Math.sqrt(squares / count - mean * mean);
        for (int tissue = 0; tissue < TISSUES.length; tissue++) {
            float[] values = pick(voxels, classes, 1 << tissue);
            if (values.length > 0) {
                double own = 0;
                double ownSquares = 0;
                for (float value : values) {
                    own += value;
                    ownSquares += (double) value * value;
                }
                own /= values.length;
                put(sequence + " " + TISSUES[tissue] + " z mean", (own - mean) / deviation);
                double within = Math.sqrt(Math.max(0, ownSquares / values.length - own * own));
                put(sequence + " " + TISSUES[tissue] + " z deviation", within / deviation);
            }
        }
        put(sequence + " brain mean / deviation", mean / deviation);
        float[] healthy = pick(voxels, classes, 0b110);
        put(sequence + " AUC ED against GM, WM", auc(pick(voxels, classes, 0b10000), healthy));
        put(
                sequence + " AUC ED against CSF, GM, WM",
                auc(pick(voxels, classes, 0b10000), pick(voxels, classes, 0b111)));
        put(sequence + " AUC core against GM, WM", auc(pick(voxels, classes, 0b101000), healthy));
        put(
                sequence + " AUC ET against the rest",
                auc(pick(voxels, classes, 0b100000), pick(voxels, classes, 0b11111)));
    }

    private static float[] pick(float[] voxels, int[] classes, int wanted) {
        float[] picked = new float[voxels.length];
        int count = 0;
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0 && classes[i] >= 0 && (wanted >> classes[i] & 1) == 1) {
                picked[count++] = voxels[i];
            }
        }
        return Arrays.copyOf(picked, count);
    }

    /** The area under the ROC curve: the probability that a voxel of the first class is brighter, ties counting half. */
    private static double auc(float[] first, float[] second) {
        Arrays.sort(first);
        Arrays.sort(second);
        double wins = 0;
        int below = 0;
        int notAbove = 0;
        for (float value : first) {
            while (below < second.length && second[below] < value) {
                below++;
            }
            notAbove = Math.max(notAbove, below);
            while (notAbove < second.length && second[notAbove] <= value) {
                notAbove++;
            }
            wins += 0.5 * (below + notAbove);
        }
        return wins / ((double) Math.max(1, first.length) * Math.max(1, second.length));
    }

    private void put(String name, double value) {
        figures.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    /** Mean and population standard deviation over patients by figure, in the order in which they were added. */
    Map<String, double[]> summary() {
        Map<String, double[]> summary = new LinkedHashMap<>();
        figures.forEach((name, values) -> {
            double mean = values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
            double variance = values.stream()
                    .mapToDouble(v -> (v - mean) * (v - mean))
                    .average()
                    .orElse(Double.NaN);
            summary.put(name, new double[] {mean, Math.sqrt(variance)});
        });
        return summary;
    }
}
