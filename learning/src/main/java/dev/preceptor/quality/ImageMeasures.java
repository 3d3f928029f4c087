package dev.preceptor.quality;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@link ShiftSignals} compare with the training: of each image its sharpness along three axes and the nine quantiles of its
 * z-scores, and the features of the lesion that was found; a few dozen numbers.
 *
 * @param images sharpness, then quantiles, by the name of the sequence
 * @param lesion the {@linkplain LesionFeatures#values values} of the lesion; empty if none was looked for
 */
public record ImageMeasures(Map<String, List<Double>> images, List<Double> lesion) {
    private static final int AXES = 3;
    private static final String LESION = "lesion";
    private static final String IMAGE = "image/";

    public ImageMeasures {
        images = Collections.unmodifiableMap(new TreeMap<>(images));
        lesion = List.copyOf(lesion);
    }

    /**
     * Measures a subject.
     *
     * @param inputs the sequences of the network, in order
     */
    public static ImageMeasures of(SubjectImages subject, List<String> inputs) {
        Map<String, List<Double>> images = new TreeMap<>();
        subject.images().forEach((sequence, image) -> {
            List<Double> numbers = new ArrayList<>();
            for (double value : image.sharpness()) {
                numbers.add(value);
            }
            for (double value : image.quantiles()) {
                numbers.add(value);
            }
            images.put(sequence, numbers);
        });
        return new ImageMeasures(
                images, subject.lesion().map(lesion -> lesion.values(inputs)).orElse(List.of()));
    }

    static List<Double> sharpness(List<Double> image) {
        return image.subList(0, AXES);
    }

    static List<Double> quantiles(List<Double> image) {
        return image.subList(AXES, image.size());
    }

    /** The numbers by name, to send them to other processes. */
    public Map<String, Double> toMap(String prefix) {
        Map<String, Double> map = new TreeMap<>();
        images.forEach((sequence, numbers) -> put(map, prefix + IMAGE + sequence, numbers));
        put(map, prefix + LESION, lesion);
        return map;
    }

    private static void put(Map<String, Double> map, String name, List<Double> numbers) {
        for (int i = 0; i < numbers.size(); i++) {
            map.put(name + '/' + i, numbers.get(i));
        }
    }

    /**
     * The measures of {@link #toMap}.
     *
     * @param sequences that may be among them
     */
    public static ImageMeasures of(Map<String, Double> map, String prefix, List<String> sequences) {
        Map<String, List<Double>> images = new TreeMap<>();
        for (String sequence : sequences) {
            List<Double> numbers = numbers(map, prefix + IMAGE + sequence);
            if (!numbers.isEmpty()) {
                images.put(sequence, numbers);
            }
        }
        return new ImageMeasures(images, numbers(map, prefix + LESION));
    }

    private static List<Double> numbers(Map<String, Double> map, String name) {
        List<Double> numbers = new ArrayList<>();
        for (int i = 0; map.containsKey(name + '/' + i); i++) {
            numbers.add(map.get(name + '/' + i));
        }
        return numbers;
    }
}
