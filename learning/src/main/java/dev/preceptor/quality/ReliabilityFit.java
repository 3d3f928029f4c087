package dev.preceptor.quality;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the predictions of a network on the validation subjects, and on degraded copies of them, say about its reliability.
 *
 * @param regions the names of the regions
 * @param isShared whether all regions have one temperature, as those of a softmax
 * @param plain a prediction of each validation subject
 * @param mirrored predictions of some of them with mirrorings
 * @param copies predictions of some of them with their measures, each followed by those of its degraded copies
 * @param mirroredCopies predictions of degraded copies of those in {@code mirrored}, with mirrorings
 */
public record ReliabilityFit(
        List<String> regions,
        boolean isShared,
        List<Rated> plain,
        List<Rated> mirrored,
        List<Rated> copies,
        List<Rated> mirroredCopies) {
    public ReliabilityFit {
        regions = List.copyOf(regions);
        plain = List.copyOf(plain);
        mirrored = List.copyOf(mirrored);
        copies = List.copyOf(copies);
        mirroredCopies = List.copyOf(mirroredCopies);
    }

    /**
     * A prediction with its reference.
     *
     * @param subject number of the validation subject
     * @param copy number of the degraded copy from 1; 0 for the subject itself
     * @param histograms of the log odds by region
     * @param agreement of the mirrorings by region; empty without mirrorings
     * @param dice by region, after post-processing
     * @param measures of the images and of the lesion; needed in the lists of copies only
     */
    public record Rated(
            int subject,
            int copy,
            Map<String, LogitHistogram> histograms,
            Map<String, Double> agreement,
            Map<String, Double> dice,
            Optional<ImageMeasures> measures) {
        private double predictor(String region, Temperatures temperatures) {
            return histograms.get(region).expectedDice(temperatures.of(region)) * agreement.getOrDefault(region, 1.0);
        }
    }

    /**
     * Fits temperatures and the maps to the expected Dice. The latter need {@link RegionQuality#LEAST_SUBJECTS} subjects; what a shift
     * takes off needs guards too, to which it compares.
     *
     * @param training the measures of the subjects to which the guards were fitted; empty without guards
     */
    public Reliability fit(Optional<GuardProfile> guards, List<ImageMeasures> training) {
        Temperatures temperatures = temperatures();
        List<ShiftSignals> undegraded = new ArrayList<>();
        guards.ifPresent(profile -> Stream.concat(
                        training.stream(),
                        copies.stream().filter(rated -> rated.copy == 0).map(rated -> rated.measures.orElseThrow()))
                .forEach(measures -> undegraded.add(ShiftSignals.of(profile, measures))));
        Map<String, ShiftFit.Fitted> ofPlain = fitted(temperatures, guards, undegraded, plain, copies);
        Map<String, ShiftFit.Fitted> ofMirrored = fitted(temperatures, guards, undegraded, mirrored, mirroredCopies);
        return new Reliability(
                temperatures, qualities(ofPlain), qualities(ofMirrored), shifts(ofPlain), shifts(ofMirrored), guards);
    }

    private static Map<String, RegionQuality> qualities(Map<String, ShiftFit.Fitted> fitted) {
        Map<String, RegionQuality> qualities = new LinkedHashMap<>();
        fitted.forEach((region, one) -> qualities.put(region, one.quality()));
        return qualities;
    }

    private static Map<String, ShiftQuality> shifts(Map<String, ShiftFit.Fitted> fitted) {
        Map<String, ShiftQuality> shifts = new LinkedHashMap<>();
        fitted.forEach((region, one) -> one.shift().ifPresent(shift -> shifts.put(region, shift)));
        return shifts;
    }

    private Temperatures temperatures() {
        Map<String, Double> temperatures = new LinkedHashMap<>();
        List<LogitHistogram> all = new ArrayList<>();
        for (String region : regions) {
            List<LogitHistogram> ofRegion = plain.stream()
                    .map(subject -> subject.histograms().get(region))
                    .toList();
            all.addAll(ofRegion);
            temperatures.put(region, Temperatures.fit(ofRegion));
        }
        if (isShared) {
            double shared = Temperatures.fit(all);
            temperatures.replaceAll((region, own) -> shared);
        }
        return new Temperatures(temperatures);
    }

    /** The maps of each region; empty if there are too few subjects. */
    private Map<String, ShiftFit.Fitted> fitted(
            Temperatures temperatures,
            Optional<GuardProfile> guards,
            List<ShiftSignals> undegraded,
            List<Rated> subjects,
            List<Rated> degraded) {
        if (subjects.size() < RegionQuality.LEAST_SUBJECTS) {
            return Map.of();
        }
        List<Integer> numbers = subjects.stream().map(Rated::subject).toList();
        Map<String, ShiftFit.Fitted> fitted = new LinkedHashMap<>();
        for (String region : regions) {
            List<ShiftFit.Copy> known = new ArrayList<>();
            guards.ifPresent(profile -> degraded.stream()
                    .filter(rated -> rated.copy > 0)
                    .forEach(rated -> known.add(new ShiftFit.Copy(
                            numbers.indexOf(rated.subject),
                            rated.predictor(region, temperatures),
                            rated.dice.get(region),
                            ShiftSignals.of(profile, rated.measures.orElseThrow())))));
            double[] predictors = subjects.stream()
                    .mapToDouble(subject -> subject.predictor(region, temperatures))
                    .toArray();
            double[] actual = subjects.stream()
                    .mapToDouble(subject -> subject.dice.get(region))
                    .toArray();
            fitted.put(region, new ShiftFit(predictors, actual, undegraded, known).fit());
        }
        return fitted;
    }
}
