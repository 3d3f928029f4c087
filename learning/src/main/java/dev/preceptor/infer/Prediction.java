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
 * @param probabilities of the regions of the label space of {@code labels}, in their order, calibrated, 0 to 1, x-fastest; 0 outside
 *     the model's crop
 * @param labels in the label space of the cohort on which the model was trained
 * @param used the sequences from which the models segmented
 * @param assessment how far the prediction can be trusted
 */
public record Prediction(List<float[]> probabilities, LabelMap labels, List<Sequence> used, Assessment assessment) {
    private static final double LN_2 = Math.log(2);

    public Prediction {
        probabilities = List.copyOf(probabilities);
        used = List.copyOf(used);
    }

    /** Without an assessment. */
    public Prediction(List<float[]> probabilities, LabelMap labels, List<Sequence> used) {
        this(probabilities, labels, used, Assessment.NONE);
    }

    /**
     * The uncertainty of each voxel, 0 to 1 bit: the largest entropy of a region, {@code -p log2 p - (1 - p) log2 (1 - p)}, where p is
     * its calibrated probability from the mean logits of all members and mirrorings.
     */
    public Volume uncertainty() {
        float[] entropy = new float[labels.voxels().length];
        for (float[] region : probabilities) {
            for (int i = 0; i < entropy.length; i++) {
                double p = region[i];
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

    /**
     * The probability of a region as a volume.
     *
     * @param region one of the regions of the label space of {@code labels}
     */
    public Volume probability(Region region) {
        return new Volume(grid(), probabilities.get(labels.schema().regions().indexOf(region)));
    }
}
