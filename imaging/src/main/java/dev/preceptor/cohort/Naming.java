package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The label schemas that the ids of a set of subjects allow. Official ids contain the challenge and the year.
 *
 * @param candidates the schemas that these ids allow; more than one if a challenge changed its labels but not its ids
 * @param reason one phrase for outputs
 */
record Naming(List<LabelSpace> candidates, String reason) {
    private static final Map<Pattern, List<LabelSpace>> KNOWN = known();

    private static Map<Pattern, List<LabelSpace>> known() {
        Map<String, List<LabelSpace>> patterns = new LinkedHashMap<>();
        patterns.put("brats_(2012|2013|tcia)_pat\\d+.*", List.of(LabelSpace.BRATS_2013));
        patterns.put("brats(17|18|19|20|20(17|18|19|20|21))[_-].*", List.of(LabelSpace.BRATS_2018));
        patterns.put("fets(21|22|2021|2022)[_-].*", List.of(LabelSpace.BRATS_2018));
        patterns.put("brats-gli-\\d{5}-1\\d{2}", List.of(LabelSpace.BRATS_2024));
        patterns.put("brats-gli-\\d{5}-\\d{3}", List.of(LabelSpace.BRATS_2023));
        // The label maps of MEN-RT hold a gross tumour volume and no tissues.
        patterns.put("brats-men-(?!rt-).*", List.of(LabelSpace.BRATS_2023));
        patterns.put("brats-(met|ssa)-.*", List.of(LabelSpace.BRATS_2023));
        patterns.put("brats-ped-.*", List.of(LabelSpace.BRATS_2023, LabelSpace.BRATS_PED_2024));
        Map<Pattern, List<LabelSpace>> compiled = new LinkedHashMap<>();
        patterns.forEach(
                (pattern, schemas) -> compiled.put(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), schemas));
        return compiled;
    }

    /**
     * Reads the ids; empty if one of them has no official form.
     *
     * @param where the set, for messages
     * @throws InvalidCohortException if the ids belong to versions with contradictory labels
     */
    static Optional<Naming> of(Path where, List<String> ids) {
        Map<List<LabelSpace>, String> found = new LinkedHashMap<>();
        for (String id : ids) {
            Optional<List<LabelSpace>> candidates = KNOWN.entrySet().stream()
                    .filter(entry -> entry.getKey().matcher(id).matches())
                    .map(Map.Entry::getValue)
                    .findFirst();
            if (candidates.isEmpty()) {
                return Optional.empty();
            }
            found.putIfAbsent(candidates.get(), id);
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String reason = "by the version in the ids, as in " + ids.get(0);
        if (found.size() == 1) {
            return Optional.of(new Naming(found.keySet().iterator().next(), reason));
        }
        if (found.keySet().equals(Set.of(List.of(LabelSpace.BRATS_2023), List.of(LabelSpace.BRATS_2024)))) {
            return Optional.of(new Naming(List.of(LabelSpace.BRATS_2024), reason));
        }
        throw new InvalidCohortException(where + ": " + mixed(found));
    }

    private static String mixed(Map<List<LabelSpace>, String> found) {
        if (found.containsKey(List.of(LabelSpace.BRATS_2018))
                && (found.containsKey(List.of(LabelSpace.BRATS_2023))
                        || found.containsKey(List.of(LabelSpace.BRATS_2024)))) {
            return "mixes BraTS to 2021, where label 4 is enhancing tumour, with later years, where label 3 is; put them"
                    + " into separate folders";
        }
        return "mixes " + String.join(" and ", found.values())
                + ", whose labels mean different things; put them into separate folders, or give the schema with"
                + " --schema NAME";
    }
}
