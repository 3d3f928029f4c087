package dev.preceptor.model;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.volume.LabelSpace;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is removed from the predicted masks of the regions before they become labels. Probabilities stay as they are.
 *
 * @param rules by the name of the region; regions without a rule keep all voxels
 */
public record PostProcessing(Map<String, RegionRule> rules) {
    /** Removes nothing. */
    public static final PostProcessing NONE = new PostProcessing(Map.of());

    public PostProcessing {
        TreeMap<String, RegionRule> sorted = new TreeMap<>(rules);
        sorted.values().removeIf(RegionRule::keepsAll);
        rules = Collections.unmodifiableMap(sorted);
    }

    /** The rule of a region, {@link RegionRule#NONE} where there is none. */
    public RegionRule of(String region) {
        return rules.getOrDefault(region, RegionRule.NONE);
    }

    /** A copy with another rule for a region. */
    public PostProcessing with(String region, RegionRule rule) {
        Map<String, RegionRule> changed = new TreeMap<>(rules);
        changed.put(region, rule);
        return new PostProcessing(changed);
    }

    /** Whether no region has a rule. */
    public boolean keepsAll() {
        return rules.isEmpty();
    }

    /**
     * Checks that each rule is of a region of a label space.
     *
     * @throws InvalidRecipeException that names the region
     */
    public void requireRegionsOf(LabelSpace labels) {
        List<String> names =
                labels.regions().stream().map(region -> region.name()).toList();
        for (String region : rules.keySet()) {
            if (!names.contains(region)) {
                throw new InvalidRecipeException("the post-processing has a rule for " + region
                        + ", which is none of the regions " + names + " of " + labels.name());
            }
        }
    }

    /**
     * The post-processing of an ensemble: for each region no more than what the rules of all members remove. A region for which
     * a member has no rule keeps all voxels.
     *
     * @param members at least one
     */
    public static PostProcessing gentlest(List<PostProcessing> members) {
        Map<String, RegionRule> common = new TreeMap<>(members.get(0).rules);
        common.replaceAll((region, rule) ->
                members.stream().map(member -> member.of(region)).reduce(rule, RegionRule::gentler));
        return new PostProcessing(common);
    }

    /** One line, for example {@code ET: components below 0.5 ml are removed}. */
    @Override
    public String toString() {
        return keepsAll()
                ? "none"
                : rules.entrySet().stream()
                        .map(rule -> rule.getKey() + ": " + rule.getValue())
                        .collect(Collectors.joining("; "));
    }
}
