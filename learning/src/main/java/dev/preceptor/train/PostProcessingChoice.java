package dev.preceptor.train;

import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.RegionRule;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Chooses a post-processing by the Dice of validation subjects, region by region from the outermost in. A rule is chosen if it
 * raises the mean Dice of its region by {@link #MARGIN} or more and lowers no Dice of any subject, of the region or of one inside
 * it, by more than {@link #TOLERANCE}. Keeping the largest component alone is tried with {@link #ENOUGH_SUBJECTS} subjects or more:
 * fewer do not show that a disease has one lesion. Of several the one with the highest mean is chosen, and of equals the gentlest.
 * Filling holes is tried likewise after that, beside what was chosen.
 *
 * @param labels the regions
 * @param score the Dice of each subject by region after a post-processing, the subjects in a fixed order; empty if a stop was
 *     requested
 */
record PostProcessingChoice(LabelSpace labels, Function<PostProcessing, Optional<List<Map<String, Double>>>> score) {
    /** The gain of the mean Dice from which on a rule is worth having. */
    static final double MARGIN = 0.002;

    /** The loss of Dice that one subject may have. */
    static final double TOLERANCE = 0.01;

    /** With n subjects of one lesion each, up to 3/n of all patients may have several (95 % confidence). */
    static final int ENOUGH_SUBJECTS = 10;

    private static final double[] VOLUMES_ML = {0.05, 0.1, 0.25, 0.5, 1, 2, 5};

    /** The difference below which two means are equal. */
    private static final double EQUAL = 1e-9;

    /**
     * The rules that are tried for a region, the gentlest first.
     *
     * @param isInner whether the region lies in another one, to which a small mask can be given
     * @param subjects number of validation subjects
     */
    static List<RegionRule> candidates(boolean isInner, int subjects) {
        List<RegionRule> candidates = new ArrayList<>();
        for (double ml : VOLUMES_ML) {
            if (isInner) {
                candidates.add(RegionRule.dropBelow(ml));
            }
            candidates.add(RegionRule.minimum(ml));
        }
        if (subjects >= ENOUGH_SUBJECTS) {
            candidates.add(RegionRule.largest());
        }
        return candidates;
    }

    /** The chosen rules; empty if a stop was requested. */
    Optional<PostProcessing> choose() {
        PostProcessing chosen = PostProcessing.NONE;
        Optional<List<Map<String, Double>>> before = score.apply(chosen);
        List<Region> outermostFirst = labels.regions().stream()
                .sorted(Comparator.comparing(region -> -classes(region).size()))
                .toList();
        for (Region region : outermostFirst) {
            if (before.isEmpty()) {
                return Optional.empty();
            }
            Optional<Scored> removing = best(region, chosen, before.get(), candidates(region, before.get()));
            Optional<Scored> best = removing.flatMap(
                    scored -> best(region, scored.rules, scored.dice, filling(scored.rules.of(region.name()))));
            if (best.isEmpty()) {
                return Optional.empty();
            }
            chosen = best.get().rules;
            before = Optional.of(best.get().dice);
        }
        return Optional.of(chosen);
    }

    /** A post-processing and the Dice of the subjects after it. */
    private record Scored(PostProcessing rules, List<Map<String, Double>> dice) {
        double mean(Region region) {
            return dice.stream()
                    .mapToDouble(subject -> subject.get(region.name()))
                    .average()
                    .orElseThrow();
        }
    }

    private List<RegionRule> candidates(Region region, List<Map<String, Double>> before) {
        boolean isInner = labels.regions().stream()
                .anyMatch(other -> classes(other).size() > classes(region).size()
                        && classes(other).containsAll(classes(region)));
        return candidates(isInner, before.size());
    }

    /** A rule that fills holes as well, the gentlest first. */
    static List<RegionRule> filling(RegionRule rule) {
        return Arrays.stream(VOLUMES_ML)
                .mapToObj(ml -> new RegionRule(rule.minimumMl(), rule.keepLargest(), rule.dropBelowMl(), ml))
                .toList();
    }

    /** The best rules with one for this region, or those without; empty if a stop was requested. */
    private Optional<Scored> best(
            Region region, PostProcessing without, List<Map<String, Double>> before, List<RegionRule> candidates) {
        Scored none = new Scored(without, before);
        Scored best = none;
        List<String> affected = labels.regions().stream()
                .filter(other -> classes(region).containsAll(classes(other)))
                .map(Region::name)
                .toList();
        for (RegionRule rule : candidates) {
            PostProcessing rules = without.with(region.name(), rule);
            Optional<List<Map<String, Double>>> dice = score.apply(rules);
            if (dice.isEmpty()) {
                return Optional.empty();
            }
            Scored scored = new Scored(rules, dice.get());
            boolean isWorthIt = scored.mean(region) >= none.mean(region) + MARGIN - EQUAL;
            if (isWorthIt
                    && scored.mean(region) > best.mean(region) + EQUAL
                    && largestLoss(before, scored.dice, affected) <= TOLERANCE + EQUAL) {
                best = scored;
            }
        }
        return Optional.of(best);
    }

    /** The numbers of the classes of a region. */
    private List<Integer> classes(Region region) {
        return labels.numbersByRegion().get(labels.regions().indexOf(region));
    }

    private static double largestLoss(
            List<Map<String, Double>> before, List<Map<String, Double>> after, List<String> regions) {
        double largest = 0;
        for (int i = 0; i < before.size(); i++) {
            for (String region : regions) {
                largest = Math.max(
                        largest, before.get(i).get(region) - after.get(i).get(region));
            }
        }
        return largest;
    }
}
