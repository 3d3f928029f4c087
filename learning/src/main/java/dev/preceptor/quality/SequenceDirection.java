package dev.preceptor.quality;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A linear function of a coarse image that is about 1 for images of one sequence and about -1 for those of others, fitted by ridge
 * regression; as stored in a model file.
 *
 * @param cells the weights of the cells
 * @param quantiles the weights of the quantiles of the z-scores
 * @param offset the value where all others are 0
 */
public record SequenceDirection(EncodedCells cells, List<Double> quantiles, double offset) {
    private static final double PENALTY = 0.03;
    private static final double QUANTILE_SCALE = 1.0 / 3;

    public SequenceDirection {
        quantiles = ImageReference.numbers(quantiles, CoarseImage.LEVELS.length, "quantiles");
    }

    /**
     * The functions of all sequences of a training.
     *
     * @param subjects their images by the name of the sequence
     * @param names the sequences, two or more
     */
    static Map<String, SequenceDirection> fit(List<Map<String, CoarseImage>> subjects, List<String> names) {
        List<double[]> features = new ArrayList<>();
        List<double[]> targets = new ArrayList<>();
        for (Map<String, CoarseImage> subject : subjects) {
            for (String name : names) {
                CoarseImage image = subject.get(name);
                if (image != null) {
                    features.add(features(image));
                    double[] target = new double[names.size()];
                    for (int i = 0; i < target.length; i++) {
                        target[i] = names.get(i).equals(name) ? 1 : -1;
                    }
                    targets.add(target);
                }
            }
        }
        RidgeRegression regression = new RidgeRegression(features, targets, PENALTY);
        Map<String, SequenceDirection> directions = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            double[] weights = regression.weights(i);
            double[] cells = new double[CoarseImage.COUNT];
            System.arraycopy(weights, 0, cells, 0, cells.length);
            List<Double> ofQuantiles = new ArrayList<>();
            for (int k = cells.length; k < weights.length; k++) {
                ofQuantiles.add(ImageReference.rounded(weights[k]));
            }
            directions.put(
                    names.get(i),
                    new SequenceDirection(
                            EncodedCells.of(cells), ofQuantiles, ImageReference.rounded(regression.offset(i))));
        }
        return directions;
    }

    /** The cells, symmetric, and the quantiles, on scales of about 1. */
    private static double[] features(CoarseImage image) {
        double[] features = new double[CoarseImage.COUNT + CoarseImage.LEVELS.length];
        double scale = 1 / Math.sqrt(CoarseImage.COUNT);
        int last = CoarseImage.CELLS - 1;
        for (int i = 0; i < CoarseImage.COUNT; i++) {
            int mirrored = i - i % CoarseImage.CELLS + last - i % CoarseImage.CELLS;
            features[i] = (image.cells()[i] + image.cells()[mirrored]) / 2 * scale;
        }
        for (int k = 0; k < CoarseImage.LEVELS.length; k++) {
            features[CoarseImage.COUNT + k] = image.quantiles()[k] * QUANTILE_SCALE;
        }
        return features;
    }

    /** The value of the function. */
    double value(CoarseImage image) {
        double[] features = features(image);
        double[] weights = cells.cells();
        double value = offset;
        for (int i = 0; i < weights.length; i++) {
            value += weights[i] * features[i];
        }
        for (int k = 0; k < quantiles.size(); k++) {
            value += quantiles.get(k) * features[weights.length + k];
        }
        return value;
    }
}
