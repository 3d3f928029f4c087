package dev.preceptor.infer;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.List;

/**
 * A segmentation on the grid of the input.
 *
 * @param probabilities of the regions of the label space of {@code labels}, in their order, 0 to 1, x-fastest; 0 outside
 *     the model's crop
 * @param labels in the label space of the cohort on which the model was trained
 * @param used the sequences from which the models segmented
 */
public record Prediction(List<float[]> probabilities, LabelMap labels, List<Sequence> used) {
    public Prediction {
        probabilities = List.copyOf(probabilities);
        used = List.copyOf(used);
    }

    /** The grid of the input. */
    public Grid grid() {
        return labels.grid();
    }

    /**
     * The probability of a region as a volume.
     *
     * @param region one of the regions of the label space of {@code labels}
     */
    public Volume probability(Region region) {
        return new Volume(grid(), probabilities.get(labels.schema().regions().indexOf(region)));
    }
}
