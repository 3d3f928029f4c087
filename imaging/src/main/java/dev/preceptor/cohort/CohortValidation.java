package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the problems of a cohort: those of each subject, and those between subjects. Equal voxels under two ids are an
 * error, because such subjects may be divided between training and held-out data (leakage).
 */
final class CohortValidation {
    private CohortValidation() {}

    static List<Problem> problems(List<SubjectScan> scans) {
        List<Problem> problems = new ArrayList<>();
        boolean hasSomeLabels = scans.stream().anyMatch(s -> s.subject().hasLabels());
        Map<String, SubjectScan> ids = new HashMap<>();
        Map<String, String> contents = new HashMap<>();
        for (SubjectScan scan : scans) {
            String id = scan.subject().id();
            problems.addAll(scan.problems());
            boolean isKnownFault = scan.subject().faults().labels().isPresent()
                    || scan.subject().faults().folder().isPresent();
            if (hasSomeLabels && !scan.subject().hasLabels() && !isKnownFault) {
                problems.add(
                        new Problem(id, "has no label map; it can be predicted but not trained on or scored", false));
            }
            SubjectScan other = ids.putIfAbsent(id, scan);
            if (other != null) {
                problems.add(new Problem(id, "occurs twice: in " + folder(other) + " and in " + folder(scan), true));
            }
            duplicateContent(scan, contents, problems);
        }
        problems.sort(Comparator.comparing(Problem::subject));
        return List.copyOf(problems);
    }

    private static void duplicateContent(SubjectScan scan, Map<String, String> contents, List<Problem> problems) {
        String id = scan.subject().id();
        Map<String, String> sequencesByHash = new HashMap<>();
        for (Map.Entry<String, String> entry : scan.hashes().entrySet()) {
            if (entry.getKey().equals(SubjectScan.LABELS)) {
                continue;
            }
            String duplicate = sequencesByHash.putIfAbsent(entry.getValue(), entry.getKey());
            if (duplicate != null) {
                problems.add(new Problem(id, duplicate + " and " + entry.getKey() + " hold the same voxels", false));
            }
        }
        String key = scan.hashes().containsKey(Sequence.T1CE.name())
                ? Sequence.T1CE.name()
                : scan.hashes().keySet().stream().findFirst().orElse(null);
        if (key == null) {
            return;
        }
        String first = contents.putIfAbsent(key + scan.hashes().get(key), id);
        if (first != null && !first.equals(id)) {
            problems.add(new Problem(id, "holds the same " + key + " voxels as " + first, true));
        }
    }

    private static String folder(SubjectScan scan) {
        return scan.subject().images().values().stream()
                .findFirst()
                .map(image -> String.valueOf(image.files().get(0).getParent()))
                .orElse("a folder without a usable image");
    }
}
