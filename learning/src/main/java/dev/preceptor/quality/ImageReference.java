package dev.preceptor.quality;

import dev.preceptor.base.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The mean of the images of one sequence in a training, as stored in a model file.
 *
 * @param cells the mean coarse image
 * @param quantiles mean quantiles of the z-scores at 1, 5, 10, 25, 50, 75, 90, 95 and 99 %
 * @param quantileDeviations their standard deviations
 * @param logExtents mean natural logarithm of the standard deviation of the positions of the brain in mm, along right, anterior and
 *     superior
 * @param logMl mean natural logarithm of the volume of the brain in ml
 * @param edges the smallest and the largest voxel edge in mm
 * @param sharpness mean {@linkplain Sharpness sharpness} along right, anterior and superior; empty in files of earlier versions
 */
public record ImageReference(
        EncodedCells cells,
        List<Double> quantiles,
        List<Double> quantileDeviations,
        List<Double> logExtents,
        double logMl,
        List<Double> edges,
        List<Double> sharpness) {
    /** The deviation of quantiles below which a difference is not one. */
    private static final double LEAST_DEVIATION = 0.1;

    /** The volume in ml that is added before a logarithm is taken. */
    private static final double LEAST_ML = 0.1;

    public ImageReference {
        quantiles = numbers(quantiles, CoarseImage.LEVELS.length, "quantiles");
        quantileDeviations = numbers(quantileDeviations, CoarseImage.LEVELS.length, "quantileDeviations");
        logExtents = numbers(logExtents, 3, "logExtents");
        edges = numbers(edges, 2, "edges");
        sharpness = numbers(sharpness, sharpness.isEmpty() ? 0 : 3, "sharpness");
    }

    static List<Double> numbers(List<Double> numbers, int count, String key) {
        Settings.require(
                numbers.size() == count && numbers.stream().allMatch(Double::isFinite),
                key,
                count + " finite numbers",
                numbers);
        return List.copyOf(numbers);
    }

    /** The mean of at least one image. */
    static ImageReference of(List<CoarseImage> images) {
        double[] cells = new double[CoarseImage.COUNT];
        for (CoarseImage image : images) {
            for (int i = 0; i < cells.length; i++) {
                cells[i] += image.cells()[i] / images.size();
            }
        }
        List<Double> quantiles = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (int level = 0; level < CoarseImage.LEVELS.length; level++) {
            int at = level;
            double mean = mean(
                    images.stream().mapToDouble(image -> image.quantiles()[at]).toArray());
            quantiles.add(rounded(mean));
            deviations.add(rounded(Math.sqrt(mean(images.stream()
                    .mapToDouble(image -> (image.quantiles()[at] - mean) * (image.quantiles()[at] - mean))
                    .toArray()))));
        }
        return new ImageReference(
                EncodedCells.of(cells),
                quantiles,
                deviations,
                means(images, CoarseImage::logExtents),
                rounded(mean(images.stream().mapToDouble(ImageReference::logMl).toArray())),
                List.of(
                        images.stream()
                                .mapToDouble(image -> image.edges()[0])
                                .min()
                                .orElseThrow(),
                        images.stream()
                                .mapToDouble(image -> image.edges()[1])
                                .max()
                                .orElseThrow()),
                means(images, CoarseImage::sharpness));
    }

    /** The mean of a property along each axis. */
    private static List<Double> means(List<CoarseImage> images, Function<CoarseImage, double[]> property) {
        return IntStream.range(0, 3)
                .mapToObj(axis -> rounded(mean(images.stream()
                        .mapToDouble(image -> property.apply(image)[axis])
                        .toArray())))
                .toList();
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** Four decimals, which keeps model files short. */
    static double rounded(double value) {
        return Math.rint(value * 1e4) / 1e4;
    }

    private static double logMl(CoarseImage image) {
        return Math.log(image.ml() + LEAST_ML);
    }

    /** The turn that makes an image most like this one. */
    Turns.Best bestTurn(CoarseImage image) {
        return Turns.best(
                image,
                cells.cells(),
                logExtents.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** One minus the correlation of the cells, plus the root mean square of the differences of the quantiles. */
    double distance(CoarseImage image) {
        double[] own = new double[CoarseImage.COUNT];
        for (int i = 0; i < own.length; i++) {
            own[i] = image.cells()[i];
        }
        double squares = 0;
        for (int i = 0; i < quantiles.size(); i++) {
            double difference = image.quantiles()[i] - quantiles.get(i);
            squares += difference * difference / quantiles.size();
        }
        return 1 - Turns.correlation(own, cells.cells()) + Math.sqrt(squares);
    }

    /**
     * The scores of the guards that compare an image with this reference, but for that of the sequence.
     *
     * @param resamples whether the model resamples images to a spacing of its own
     */
    Map<Guard, Double> scores(CoarseImage image, boolean resamples) {
        Map<Guard, Double> scores = new EnumMap<>(Guard.class);
        scores.put(Guard.NOT_SKULL_STRIPPED, logMl(image) - logMl);
        scores.put(Guard.EMPTY, logMl - logMl(image));
        double size = 0;
        for (int axis = 0; axis < 3; axis++) {
            size = Math.max(size, Math.abs(image.logExtents()[axis] - logExtents.get(axis)));
        }
        scores.put(Guard.HEAD_SIZE, size);
        scores.put(Guard.ORIENTATION, bestTurn(image).gain());
        if (!resamples) {
            scores.put(
                    Guard.SPACING,
                    Math.max(Math.log(image.edges()[1] / edges.get(1)), Math.log(edges.get(0) / image.edges()[0])));
        }
        IntStream.range(0, sharpness.size())
                .mapToDouble(axis -> sharpness.get(axis) - image.sharpness()[axis])
                .max()
                .ifPresent(blur -> scores.put(Guard.LOW_RESOLUTION, blur));
        scores.put(Guard.SATURATED, image.saturated());
        scores.put(Guard.CUT_OFF, image.cutOff());
        scores.put(
                Guard.INTENSITY_RANGE,
                intensityDifference(Arrays.stream(image.quantiles()).boxed().toList()));
        return scores;
    }

    /**
     * The root mean square of the differences of quantiles of z-scores, in standard deviations of the training plus 0.1.
     *
     * @param others as many as {@link #quantiles}
     */
    double intensityDifference(List<Double> others) {
        double squares = 0;
        for (int i = 0; i < quantiles.size(); i++) {
            double difference = (others.get(i) - quantiles.get(i)) / (quantileDeviations.get(i) + LEAST_DEVIATION);
            squares += difference * difference / quantiles.size();
        }
        return Math.sqrt(squares);
    }
}
