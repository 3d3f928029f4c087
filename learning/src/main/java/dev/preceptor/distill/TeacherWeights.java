package dev.preceptor.distill;

import dev.preceptor.distill.MtcmKdOptions.Confidence;
import dev.preceptor.distill.MtcmKdOptions.TeacherScore;
import dev.preceptor.loss.RegionOverlap;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The weight of each teacher in response distillation: w_k = total * D_k / sum of D_j (MTCM-KD, equation 1), from the scores
 * of the previous epoch. Weights change between epochs only.
 */
final class TeacherWeights {
    private static final double SLICE_EPSILON = 1e-6;

    private final Confidence settings;
    private final double total;
    private final List<String> regions;
    private final int teachers;
    private final int columns;
    private double[] weights;
    /**
     * Three sums for each teacher and region: the voxels of overlap, prediction and reference; for {@code SLICE_DICE} the
     * slice-averaged Dice, the number of steps, and an unused one.
     */
    private double[] sums;

    /**
     * @param regions the names of the regions
     * @param total the sum of the weights of all teachers
     */
    TeacherWeights(Confidence settings, List<String> regions, double total, int teachers) {
        this.regions = List.copyOf(regions);
        this.settings = settings;
        this.total = total;
        this.teachers = teachers;
        this.columns = settings.perRegion() ? regions.size() : 1;
        this.weights = new double[teachers * columns];
        Arrays.fill(weights, settings.initial());
        this.sums = new double[teachers * regions.size() * 3];
    }

    /** The weights of a teacher: one for each region if each has its own, else one. */
    double[] of(int teacher) {
        return Arrays.copyOfRange(weights, teacher * columns, (teacher + 1) * columns);
    }

    /**
     * Adds a teacher's score on a training step to those of the epoch.
     *
     * @param predicted regions, booleans [B, R, X, Y, Z]
     * @param reference regions of the labels, booleans [B, R, X, Y, Z]
     * @return Dice of each region on this step; slice-averaged for {@code SLICE_DICE}
     */
    double[] add(int teacher, Tensor predicted, Tensor reference) {
        if (settings.score() == TeacherScore.SLICE_DICE) {
            double[] scores = sliceDice(predicted, reference);
            for (int r = 0; r < regions.size(); r++) {
                sums[at(teacher, r)] += scores[r];
                sums[at(teacher, r) + 1]++;
            }
            return scores;
        }
        RegionOverlap overlap = RegionOverlap.of(predicted, reference);
        double[] scores = new double[regions.size()];
        for (int r = 0; r < regions.size(); r++) {
            int i = at(teacher, r);
            sums[i] += overlap.both(r);
            sums[i + 1] += overlap.predicted(r);
            sums[i + 2] += overlap.reference(r);
            scores[r] = overlap.dice(r);
        }
        return scores;
    }

    /** The mean Dice of each region over the slices of all samples; the reference slices along the first spatial axis. */
    private static double[] sliceDice(Tensor predicted, Tensor reference) {
        Scalar epsilon = new Scalar(SLICE_EPSILON);
        Tensor dice = sliceVoxels(predicted.logical_and(reference))
                .mul(new Scalar(2.0))
                .add(epsilon)
                .div(sliceVoxels(predicted).add(sliceVoxels(reference)).add(epsilon));
        return doubles(dice.mean(new long[] {0, 2}, false, new ScalarTypeOptional()));
    }

    private static Tensor sliceVoxels(Tensor masks) {
        return masks.to(torch.ScalarType.Double).sum(new long[] {3, 4});
    }

    private int at(int teacher, int region) {
        return (teacher * regions.size() + region) * 3;
    }

    /** Computes the weights of the next epoch from the scores of this one. */
    void endEpoch() {
        double[] next = new double[weights.length];
        for (int column = 0; column < columns; column++) {
            double sum = 0;
            for (int k = 0; k < teachers; k++) {
                double score = settings.score() == TeacherScore.EQUAL ? 1 : score(k, column);
                next[k * columns + column] = score;
                sum += score;
            }
            for (int k = 0; k < teachers; k++) {
                int i = k * columns + column;
                next[i] = total * (sum == 0 ? 1.0 / teachers : next[i] / sum);
            }
        }
        weights = next;
        sums = new double[sums.length];
    }

    private double score(int teacher, int column) {
        if (settings.perRegion()) {
            return regionScore(teacher, column);
        }
        return IntStream.range(0, regions.size())
                .filter(r -> settings.regions().isEmpty() || settings.regions().contains(regions.get(r)))
                .mapToDouble(r -> regionScore(teacher, r))
                .average()
                .orElseThrow();
    }

    private double regionScore(int teacher, int region) {
        int i = at(teacher, region);
        return settings.score() == TeacherScore.SLICE_DICE
                ? sums[i] / Math.max(sums[i + 1], 1)
                : RegionOverlap.dice(sums[i], sums[i + 1], sums[i + 2]);
    }

    Map<String, List<Double>> state() {
        Map<String, List<Double>> state = new LinkedHashMap<>();
        state.put("weights", list(weights));
        state.put("gathered", list(sums));
        return state;
    }

    void loadState(Map<String, List<Double>> state) {
        weights = array(state.get("weights"));
        sums = array(state.get("gathered"));
    }

    private static List<Double> list(double[] values) {
        List<Double> list = new ArrayList<>();
        for (double value : values) {
            list.add(value);
        }
        return list;
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double[] doubles(Tensor tensor) {
        float[] floats = Tensors.toFloats(tensor);
        double[] doubles = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }
}
