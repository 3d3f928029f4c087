package dev.preceptor.infer;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.util.List;

/**
 * A segmentation on the grid of the input.
 *
 * @param probabilities of the regions WT, TC, ET, x-fastest, 0 where the network did not look
 * @param labels in the schema of the cohort on which the model was trained
 */
public record Prediction(List<float[]> probabilities, LabelMap labels) {
    public Prediction {
        probabilities = List.copyOf(probabilities);
    }

    /** Where the voxels lie. */
    public Grid grid() {
        return labels.grid();
    }

    /** The probabilities of one of the three regions of {@link Region#BRATS}. */
    public Volume probability(Region region) {
        return new Volume(grid(), probabilities.get(Region.BRATS.indexOf(region)));
    }
}
