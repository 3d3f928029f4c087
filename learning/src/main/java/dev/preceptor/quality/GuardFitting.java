package dev.preceptor.quality;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Fits the guards of a model to the images of its training. The score of each training subject is computed from the others, and
 * the threshold is the largest of these scores, after leaving out the largest twentieth of them, plus a margin that is larger the
 * fewer subjects there are: {@code margin (1 + 8/n)}. The result depends on the subjects and their order only.
 *
 * @param inputs the sequences of the model, in order
 * @param resamples whether the model resamples images
 */
public record GuardFitting(List<String> inputs, boolean resamples) {
    /** With fewer subjects nothing is fitted. */
    public static final int LEAST_SUBJECTS = 6;

    /** With more subjects than this, as many of them suffice. */
    public static final int MOST_SUBJECTS = 100;

    private static final int MOST_PARTS = 24;

    /** The logarithm of the factor by which voxels may be larger or smaller than all of the training. */
    private static final double SPACING_MARGIN = 0.25;

    /** What is added to the largest score of the training. */
    private static final Map<Guard, Double> MARGINS = new EnumMap<>(Map.ofEntries(
            Map.entry(Guard.WRONG_SEQUENCE, 0.1),
            Map.entry(Guard.NOT_SKULL_STRIPPED, 0.1),
            Map.entry(Guard.ORIENTATION, 0.03),
            Map.entry(Guard.HEAD_SIZE, 0.08),
            Map.entry(Guard.EMPTY, 0.3),
            Map.entry(Guard.SPACING, SPACING_MARGIN),
            Map.entry(Guard.SATURATED, 0.005),
            Map.entry(Guard.CUT_OFF, 0.1),
            Map.entry(Guard.INTENSITY_RANGE, 0.5),
            Map.entry(Guard.LOW_RESOLUTION, 0.1),
            Map.entry(Guard.UNSEEN_LESION, 0.5)));

    public GuardFitting {
        inputs = List.copyOf(inputs);
    }

    /**
     * Fits the guards.
     *
     * @param subjects of the training, the lesions of those that have labels measured
     * @return empty if fewer than {@link #LEAST_SUBJECTS} have all input sequences
     */
    public Optional<GuardProfile> fit(List<SubjectImages> subjects) {
        List<SubjectImages> complete = subjects.stream()
                .filter(subject -> subject.images().keySet().containsAll(inputs))
                .toList();
        if (complete.size() < LEAST_SUBJECTS) {
            return Optional.empty();
        }
        List<SubjectImages> lesions = subjects.stream()
                .filter(subject -> subject.lesion().isPresent())
                .toList();
        Map<Guard, List<Double>> scores = leftOutScores(complete);
        sequenceScores(subjects).ifPresent(found -> scores.put(Guard.WRONG_SEQUENCE, found));
        List<LesionReference> lesion = new ArrayList<>();
        if (lesions.size() >= LEAST_SUBJECTS) {
            scores.put(Guard.UNSEEN_LESION, lesionScores(lesions));
            lesion.add(reference(lesions));
        }
        Map<String, Double> thresholds = new TreeMap<>();
        scores.forEach((guard, found) ->
                thresholds.put(guard.label(), ImageReference.rounded(threshold(found, MARGINS.get(guard)))));
        if (!resamples) {
            // The voxel size is chosen, not drawn: a few subjects tell it as well as many.
            thresholds.put(Guard.SPACING.label(), SPACING_MARGIN);
        }
        Map<String, ImageReference> images = references(complete);
        List<String> names = names(subjects);
        return Optional.of(new GuardProfile(
                complete.size(),
                resamples,
                thresholds,
                images,
                names.size() < 2 ? Map.of() : directions(subjects, names),
                lesion));
    }

    /** The sequences that enough subjects have to learn them. */
    private static List<String> names(List<SubjectImages> subjects) {
        Map<String, Integer> counts = new TreeMap<>();
        subjects.forEach(subject -> subject.images().keySet().forEach(name -> counts.merge(name, 1, Integer::sum)));
        counts.values().removeIf(count -> count < LEAST_SUBJECTS - 1);
        return List.copyOf(new TreeSet<>(counts.keySet()));
    }

    private static Map<String, SequenceDirection> directions(List<SubjectImages> subjects, List<String> names) {
        return SequenceDirection.fit(
                subjects.stream().map(SubjectImages::images).toList(), names);
    }

    private Map<String, ImageReference> references(List<SubjectImages> subjects) {
        Map<String, ImageReference> references = new TreeMap<>();
        for (String input : inputs) {
            references.put(
                    input,
                    ImageReference.of(subjects.stream()
                            .map(subject -> subject.images().get(input))
                            .toList()));
        }
        return references;
    }

    private LesionReference reference(List<SubjectImages> subjects) {
        return LesionReference.of(subjects.stream()
                .map(subject -> subject.lesion().orElseThrow().values(inputs))
                .toList());
    }

    private static <T> List<T> without(List<T> all, int index) {
        List<T> others = new ArrayList<>(all);
        others.remove(index);
        return others;
    }

    /** The scores of each subject that the mean of the others gives, the worst of its images. */
    private Map<Guard, List<Double>> leftOutScores(List<SubjectImages> subjects) {
        Map<Guard, List<Double>> scores = new EnumMap<>(Guard.class);
        for (int i = 0; i < subjects.size(); i++) {
            Map<String, ImageReference> others = references(without(subjects, i));
            Map<Guard, Double> worst = new EnumMap<>(Guard.class);
            for (String input : inputs) {
                CoarseImage image = subjects.get(i).images().get(input);
                others.get(input)
                        .scores(image, resamples)
                        .forEach((guard, score) -> worst.merge(guard, score, Math::max));
                worst.merge(Guard.WRONG_SEQUENCE, others.get(input).distance(image), Math::max);
            }
            worst.forEach((guard, score) ->
                    scores.computeIfAbsent(guard, g -> new ArrayList<>()).add(score));
        }
        return scores;
    }

    /** How much each input looks like another sequence, by functions fitted to other subjects; empty if there are no others. */
    private Optional<List<Double>> sequenceScores(List<SubjectImages> subjects) {
        List<String> names = names(subjects);
        if (names.size() < 2) {
            return Optional.empty();
        }
        int parts = Math.min(MOST_PARTS, subjects.size());
        List<Double> scores = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            List<SubjectImages> others = new ArrayList<>();
            for (int i = 0; i < subjects.size(); i++) {
                if (i % parts != part) {
                    others.add(subjects.get(i));
                }
            }
            Map<String, SequenceDirection> directions = directions(others, names);
            for (int i = part; i < subjects.size(); i += parts) {
                double worst = Double.NEGATIVE_INFINITY;
                for (String input : inputs) {
                    CoarseImage image = subjects.get(i).images().get(input);
                    if (image != null) {
                        worst = Math.max(
                                worst,
                                GuardProfile.wrongSequence(directions, input, image)
                                        .score());
                    }
                }
                if (worst > Double.NEGATIVE_INFINITY) {
                    scores.add(worst);
                }
            }
        }
        return Optional.of(scores);
    }

    private List<Double> lesionScores(List<SubjectImages> lesions) {
        List<Double> scores = new ArrayList<>();
        for (int i = 0; i < lesions.size(); i++) {
            scores.add(reference(without(lesions, i))
                    .largest(lesions.get(i).lesion().orElseThrow().values(inputs))
                    .size());
        }
        return scores;
    }

    /** The largest score but for a twentieth, and a margin that shrinks with the number of subjects. */
    static double threshold(List<Double> scores, double margin) {
        List<Double> sorted = scores.stream().sorted().toList();
        int n = sorted.size();
        return sorted.get(n - 1 - n / 20) + margin * (1 + 8.0 / n);
    }
}
