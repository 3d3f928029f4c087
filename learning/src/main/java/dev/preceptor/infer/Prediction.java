package dev.preceptor.infer;

import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.List;

/**
 * A segmentation on the grid of the input. It keeps probabilities on the model grid, which is smaller; those on the grid of the input
 * are computed when they are asked for. Immutable; for any number of threads.
 */
public final class Prediction {
    private final PreprocessedSubject subject;
    private final List<float[]> probabilities;
    private final LabelMap labels;
    private final List<Sequence> used;

    /**
     * @param subject that was segmented
     * @param probabilities of the regions, 0 to 1, x-fastest on the model grid of the subject
     * @param labels in the label space of the cohort on which the model was trained
     * @param used the sequences from which the models segmented
     */
    Prediction(PreprocessedSubject subject, List<float[]> probabilities, LabelMap labels, List<Sequence> used) {
        this.subject = subject;
        this.probabilities = List.copyOf(probabilities);
        this.labels = labels;
        this.used = List.copyOf(used);
    }

    /** The labels, in the label space of the cohort on which the model was trained. */
    public LabelMap labels() {
        return labels;
    }

    /** The sequences from which the models segmented. */
    public List<Sequence> used() {
        return used;
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
     * The probability of a region as a volume, 0 to 1; 0 outside the model's crop.
     *
     * @param region one of the regions of the label space of {@link #labels()}
     */
    public Volume probability(Region region) {
        return new Volume(
                grid(),
                subject.invert(probabilities.get(labels.schema().regions().indexOf(region))));
    }
}
