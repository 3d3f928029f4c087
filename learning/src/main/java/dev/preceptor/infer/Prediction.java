package dev.preceptor.infer;

import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.quality.Temperatures;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.List;

/**
 * A segmentation on the grid of the input. It keeps probabilities on the model grid, which is smaller; those on the grid of the input
 * are computed each time that they are asked for, or once by {@link #withProbabilities}. Immutable; for any number of threads.
 */
public final class Prediction {
    private static final double LN_2 = Math.log(2);

    private final PreprocessedSubject subject;
    private final List<float[]> raw;
    private final Temperatures temperatures;
    private final LabelMap labels;
    private final List<Sequence> used;
    private final Assessment assessment;
    /** The calibrated probabilities of the regions on the grid of the input; empty if they are computed when asked for. */
    private final List<Volume> inverted;

    /**
     * @param subject that was segmented
     * @param raw the probabilities of the regions as the networks give them, 0 to 1, x-fastest on the model grid of the subject
     * @param temperatures that calibrate them
     * @param labels in the label space of the cohort on which the model was trained
     * @param used the sequences from which the models segmented
     * @param assessment how far the prediction can be trusted
     */
    Prediction(
            PreprocessedSubject subject,
            List<float[]> raw,
            Temperatures temperatures,
            LabelMap labels,
            List<Sequence> used,
            Assessment assessment) {
        this(subject, raw, temperatures, labels, used, assessment, List.of());
    }

    private Prediction(
            PreprocessedSubject subject,
            List<float[]> raw,
            Temperatures temperatures,
            LabelMap labels,
            List<Sequence> used,
            Assessment assessment,
            List<Volume> inverted) {
        this.subject = subject;
        this.raw = List.copyOf(raw);
        this.temperatures = temperatures;
        this.labels = labels;
        this.used = List.copyOf(used);
        this.assessment = assessment;
        this.inverted = List.copyOf(inverted);
    }

    /**
     * The same prediction with its probabilities on the grid of the input, 4 bytes per voxel and region, so that they are computed once
     * however often they are asked for.
     */
    public Prediction withProbabilities() {
        return inverted.isEmpty()
                ? new Prediction(subject, raw, temperatures, labels, used, assessment, probabilities())
                : this;
    }

    /** The labels, in the label space of the cohort on which the model was trained. */
    public LabelMap labels() {
        return labels;
    }

    /** The sequences from which the models segmented. */
    public List<Sequence> used() {
        return used;
    }

    /** How far the prediction can be trusted. */
    public Assessment assessment() {
        return assessment;
    }

    /**
     * The uncertainty of each voxel, 0 to 1 bit: the largest entropy of a region, {@code -p log2 p - (1 - p) log2 (1 - p)}, where p is
     * its calibrated probability from the mean logits of all members and mirrorings.
     */
    public Volume uncertainty() {
        float[] entropy = new float[labels.voxels().length];
        for (Region region : labels.schema().regions()) {
            float[] probability = probability(region).voxels();
            for (int i = 0; i < entropy.length; i++) {
                double p = probability[i];
                if (p > 0 && p < 1) {
                    double bits = -(p * Math.log(p) + (1 - p) * Math.log1p(-p)) / LN_2;
                    entropy[i] = (float) Math.max(entropy[i], bits);
                }
            }
        }
        return new Volume(grid(), entropy);
    }

    /** The grid of the input. */
    public Grid grid() {
        return labels.grid();
    }

    /** The probabilities of the regions of the label space of {@link #labels()}, in their order. */
    public List<Volume> probabilities() {
        return labels.schema().regions().stream().map(this::probability).toList();
    }

    /**
     * The calibrated probability of a region as a volume, 0 to 1; 0 outside the model's crop.
     *
     * @param region one of the regions of the label space of {@link #labels()}
     * @throws IllegalArgumentException if it is none of them
     */
    public Volume probability(Region region) {
        int number = labels.schema().regions().indexOf(region);
        if (number < 0) {
            throw new IllegalArgumentException(
                    region + " is none of the regions " + labels.schema().regions());
        }
        if (!inverted.isEmpty()) {
            return inverted.get(number);
        }
        float[] voxels = subject.invert(raw.get(number));
        temperatures.calibrate(List.of(region.name()), List.of(voxels));
        return new Volume(grid(), voxels);
    }
}
