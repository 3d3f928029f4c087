package dev.preceptor.distill;

import dev.preceptor.distill.MtcmKdOptions.Confidence;
import dev.preceptor.distill.MtcmKdOptions.Score;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Region;
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
 * How much each teacher is believed: w_k = total * D_k / sum of D_j (MTCM-KD, Eq. 1), from the scores of the epoch before.
 * Weights change at the end of an epoch and never within one.
 */
final class TeacherWeights {
    private static final int REGIONS = Region.BRATS.size();
    private static final double SLICE_EPSILON = 1e-6;

    private final Confidence settings;
    private final double total;
    private final int teachers;
    private final int columns;
    private double[] weights;
    /** For each teacher and region overlap, claimed, present; or the sum of slice-averaged Dice, the steps, nothing. */
    private double[] gathered;

    /** @param total what the weights of all teachers sum up to */
    TeacherWeights(Confidence settings, double total, int teachers) {
        this.settings = settings;
        this.total = total;
        this.teachers = teachers;
        this.columns = settings.perRegion() ? REGIONS : 1;
        this.weights = new double[teachers * columns];
        Arrays.fill(weights, settings.initial());
        this.gathered = new double[teachers * REGIONS * 3];
    }

    /** The weights of a teacher: for WT, TC, ET if each region has its own, else one. */
    double[] of(int teacher) {
        return Arrays.copyOfRange(weights, teacher * columns, (teacher + 1) * columns);
    }

    /**
     * Scores a teacher on a training step for the weights of the next epoch.
     *
     * @param predicted the regions [B, 3, X, Y, Z], booleans
     * @param truth the same of the labels
     * @return Dice of WT, TC and ET on this step, of the kind that is gathered
     */
    double[] gather(int teacher, Tensor predicted, Tensor truth) {
        boolean slices = settings.score() == Score.SLICE_DICE;
        // Slices are those of the first spatial axis, as in the reference.
        long[] axes = slices ? new long[] {3, 4} : new long[] {0, 2, 3, 4};
        Tensor overlap = count(predicted.logical_and(truth), axes);
        Tensor claimed = count(predicted, axes);
        Tensor present = count(truth, axes);
        if (slices) {
            Scalar epsilon = new Scalar(SLICE_EPSILON);
            Tensor dice = overlap.mul(new Scalar(2.0))
                    .add(epsilon)
                    .div(claimed.add(present).add(epsilon));
            double[] scores = doubles(dice.mean(new long[] {0, 2}, false, new ScalarTypeOptional()));
            for (int r = 0; r < REGIONS; r++) {
                gathered[at(teacher, r)] += scores[r];
                gathered[at(teacher, r) + 1]++;
            }
            return scores;
        }
        double[][] counts = {doubles(overlap), doubles(claimed), doubles(present)};
        double[] scores = new double[REGIONS];
        for (int r = 0; r < REGIONS; r++) {
            for (int i = 0; i < counts.length; i++) {
                gathered[at(teacher, r) + i] += counts[i][r];
            }
            scores[r] = dice(counts[0][r], counts[1][r], counts[2][r]);
        }
        return scores;
    }

    private static Tensor count(Tensor masks, long[] axes) {
        return masks.to(torch.ScalarType.Double).sum(axes);
    }

    private static int at(int teacher, int region) {
        return (teacher * REGIONS + region) * 3;
    }

    private static double dice(double overlap, double claimed, double present) {
        return claimed + present == 0 ? 1 : 2 * overlap / (claimed + present);
    }

    /** Turns what was gathered into the weights of the next epoch. */
    void endEpoch() {
        double[] next = new double[weights.length];
        for (int column = 0; column < columns; column++) {
            double sum = 0;
            for (int k = 0; k < teachers; k++) {
                double score = settings.score() == Score.EQUAL ? 1 : score(k, column);
                next[k * columns + column] = score;
                sum += score;
            }
            for (int k = 0; k < teachers; k++) {
                int i = k * columns + column;
                next[i] = total * (sum == 0 ? 1.0 / teachers : next[i] / sum);
            }
        }
        weights = next;
        gathered = new double[gathered.length];
    }

    private double score(int teacher, int column) {
        if (settings.perRegion()) {
            return regionScore(teacher, column);
        }
        return IntStream.range(0, REGIONS)
                .filter(r -> settings.regions().contains(Region.BRATS.get(r).name()))
                .mapToDouble(r -> regionScore(teacher, r))
                .average()
                .orElseThrow();
    }

    private double regionScore(int teacher, int region) {
        int i = at(teacher, region);
        return settings.score() == Score.SLICE_DICE
                ? gathered[i] / Math.max(gathered[i + 1], 1)
                : dice(gathered[i], gathered[i + 1], gathered[i + 2]);
    }

    Map<String, List<Double>> state() {
        Map<String, List<Double>> memory = new LinkedHashMap<>();
        memory.put("weights", list(weights));
        memory.put("gathered", list(gathered));
        return memory;
    }

    void loadState(Map<String, List<Double>> memory) {
        weights = array(memory.get("weights"));
        gathered = array(memory.get("gathered"));
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
