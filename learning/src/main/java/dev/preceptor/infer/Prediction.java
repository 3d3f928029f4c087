package dev.preceptor.infer;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.util.List;

/**
 * A segmentation on the grid of the input.
 *
 * @param probabilities of the regions WT, TC and ET, 0 to 1, x-fastest; 0 outside the model's crop
 * @param labels in the label schema of the cohort on which the model was trained
 */
public record Prediction(List<float[]> probabilities, LabelMap labels) {
    public Prediction {
        probabilities = List.copyOf(probabilities);
    }

    /** The grid of the input. */
    public Grid grid() {
        return labels.grid();
    }

    /**
     * The probability of a region as a volume.
     *
     * @param region one of {@link Region#BRATS}
     */
    public Volume probability(Region region) {
        return new Volume(grid(), probabilities.get(Region.BRATS.indexOf(region)));
    }
}
