package dev.preceptor.quality;

import dev.preceptor.base.InvalidRecipeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a model remembers of the images of its training to recognise inputs that are unlike them; written by {@link GuardFitting},
 * stored in the model file.
 *
 * @param subjects number of subjects on which it rests
 * @param resamples whether the model resamples images, so that their voxel size does not matter
 * @param thresholds by the label of the guard; a guard without one is not checked
 * @param images the mean image of each input sequence
 * @param directions linear functions that tell the sequences apart; empty if the training has only one
 * @param lesion the lesions; at most one entry, none if too few subjects have labels
 */
public record GuardProfile(
        int subjects,
        boolean resamples,
        Map<String, Double> thresholds,
        Map<String, ImageReference> images,
        Map<String, SequenceDirection> directions,
        List<LesionReference> lesion) {
    /** @throws InvalidRecipeException if a guard is unknown, a threshold is not finite, or directions do not fit the images */
    public GuardProfile {
        thresholds = Collections.unmodifiableMap(new TreeMap<>(thresholds));
        images = Collections.unmodifiableMap(new TreeMap<>(images));
        directions = Collections.unmodifiableMap(new TreeMap<>(directions));
        lesion = List.copyOf(lesion);
        thresholds.forEach((label, threshold) -> {
            if (Guard.labelled(label).isEmpty() || !Double.isFinite(threshold)) {
                throw new InvalidRecipeException("the guard " + label + " with the threshold " + threshold
                        + " is none of " + Guard.labels() + " with a finite threshold");
            }
        });
        if (!directions.isEmpty()
                && (directions.size() < 2 || !directions.keySet().containsAll(images.keySet()))) {
            throw new InvalidRecipeException("directions must name at least two sequences, among them those of images "
                    + images.keySet() + ", not " + directions.keySet());
        }
        if (lesion.size() > 1) {
            throw new InvalidRecipeException("lesion must have at most one entry, not " + lesion.size());
        }
    }

    /** A score with what it says about an image. */
    record Scored(double score, String phrase) {}

    /** Whether the guard of the sequence refuses: it has seen what other sequences look like. */
    private boolean refuses(Guard guard) {
        return guard.refuses() && (guard != Guard.WRONG_SEQUENCE || !directions.isEmpty());
    }

    /**
     * Compares the images of a subject with those of the training.
     *
     * @return a finding for each guard that has a threshold, of the image that exceeds it most; none for that of the lesion
     */
    public List<GuardFinding> check(SubjectImages subject) {
        Map<Guard, GuardFinding> worst = new EnumMap<>(Guard.class);
        subject.images().forEach((sequence, image) -> {
            if (images.containsKey(sequence)) {
                scores(sequence, image).forEach((guard, scored) -> {
                    Double threshold = thresholds.get(guard.label());
                    if (threshold != null) {
                        GuardFinding finding = new GuardFinding(
                                guard, scored.score, threshold, refuses(guard), sequence + " " + scored.phrase);
                        worst.merge(guard, finding, (a, b) -> b.excess() > a.excess() ? b : a);
                    }
                });
            }
        });
        return List.copyOf(worst.values());
    }

    /** Compares the lesion of a subject with those of the training; empty if they are unknown. */
    public Optional<GuardFinding> checkLesion(SubjectImages subject, List<String> inputs) {
        Double threshold = thresholds.get(Guard.UNSEEN_LESION.label());
        if (threshold == null || lesion.isEmpty() || subject.lesion().isEmpty()) {
            return Optional.empty();
        }
        LesionReference.Difference difference =
                lesion.get(0).largest(subject.lesion().get().values(inputs));
        boolean isEmpty = subject.lesion().get().isEmpty();
        return Optional.of(new GuardFinding(
                Guard.UNSEEN_LESION,
                difference.size(),
                threshold,
                false,
                isEmpty
                        ? "no lesion is found"
                        : "the lesion is unlike those of the training: "
                                + LesionFeatures.phrase(difference.feature(), difference.deviations(), inputs)));
    }

    /** The scores of all guards of an image. */
    Map<Guard, Scored> scores(String sequence, CoarseImage image) {
        ImageReference reference = images.get(sequence);
        Map<Guard, Scored> scores = new EnumMap<>(Guard.class);
        reference
                .scores(image, resamples)
                .forEach((guard, score) -> scores.put(guard, new Scored(score, phrase(guard, reference, image))));
        scores.put(Guard.WRONG_SEQUENCE, wrongSequence(sequence, image));
        return scores;
    }

    private Scored wrongSequence(String sequence, CoarseImage image) {
        if (directions.isEmpty()) {
            return new Scored(images.get(sequence).distance(image), "does not look like one of the training");
        }
        return wrongSequence(directions, sequence, image);
    }

    /** By how much another sequence fits an image better than its own. */
    static Scored wrongSequence(Map<String, SequenceDirection> directions, String sequence, CoarseImage image) {
        List<String> others = new ArrayList<>(directions.keySet());
        others.remove(sequence);
        String best = others.get(0);
        double most = Double.NEGATIVE_INFINITY;
        for (String other : others) {
            double value = directions.get(other).value(image);
            if (value > most) {
                most = value;
                best = other;
            }
        }
        return new Scored(most - directions.get(sequence).value(image), "looks like " + best);
    }

    private static String phrase(Guard guard, ImageReference reference, CoarseImage image) {
        return switch (guard) {
            case NOT_SKULL_STRIPPED ->
                "has " + ml(image.ml()) + " ml of voxels that are not 0 instead of about "
                        + ml(Math.exp(reference.logMl())) + " ml";
            case EMPTY ->
                "has only " + ml(image.ml()) + " ml of voxels that are not 0 instead of about "
                        + ml(Math.exp(reference.logMl())) + " ml";
            case ORIENTATION ->
                "looks turned or flipped: its axes seem to run to "
                        + reference.bestTurn(image).codes() + " where its affine says RAS";
            case HEAD_SIZE -> "shows a brain of another size in mm than those of the training";
            case SPACING ->
                "has voxels of " + mm(image.edges()) + " instead of "
                        + mm(new double[] {
                            reference.edges().get(0), reference.edges().get(1)
                        });
            case SATURATED ->
                String.format(Locale.ROOT, "has its largest value in %.1f %% of the brain", 100 * image.saturated());
            case CUT_OFF -> "is cut off by a face of the image";
            case INTENSITY_RANGE -> "has intensities unlike those of the training";
            case LOW_RESOLUTION -> "has less fine detail than those of the training";
            case WRONG_SEQUENCE, UNSEEN_LESION, UNVALIDATED_SEQUENCES -> "";
        };
    }

    private static String ml(double ml) {
        return Long.toString(Math.round(ml));
    }

    private static String mm(double[] edges) {
        return edges[1] - edges[0] < 0.005
                ? String.format(Locale.ROOT, "%.2f mm", edges[0])
                : String.format(Locale.ROOT, "%.2f to %.2f mm", edges[0], edges[1]);
    }
}
