package dev.preceptor.infer;

import dev.preceptor.quality.DiceEstimate;
import dev.preceptor.quality.Guard;
import dev.preceptor.quality.GuardFinding;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How far one prediction can be trusted.
 *
 * @param findings of all guards that the models have, whether they fire or not
 * @param dice the Dice that each region is expected to have, by its name
 * @param accepted the guards that would have refused the subject, but were accepted
 */
public record Assessment(List<GuardFinding> findings, Map<String, DiceEstimate> dice, Set<Guard> accepted) {
    /** Nothing is known. */
    public static final Assessment NONE = new Assessment(List.of(), Map.of(), Set.of());

    public Assessment {
        findings = List.copyOf(findings);
        dice = Collections.unmodifiableMap(new LinkedHashMap<>(dice));
        accepted = Collections.unmodifiableSet(new TreeSet<>(accepted));
    }

    /** The findings of the guards that fire. */
    public List<GuardFinding> fired() {
        return findings.stream().filter(GuardFinding::fires).toList();
    }
}
