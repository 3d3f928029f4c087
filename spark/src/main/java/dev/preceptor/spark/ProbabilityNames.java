package dev.preceptor.spark;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The files of probabilities in a folder of predictions, which {@code predict --probabilities} writes beside label maps. */
final class ProbabilityNames {
    private static final String PART = "_prob";

    private final Map<String, NavigableSet<String>> byFolder = new HashMap<>();

    /** @param names of all files, relative to the folder */
    ProbabilityNames(Collection<String> names) {
        names.stream()
                .filter(ProbabilityNames::isProbabilities)
                .forEach(name -> byFolder.computeIfAbsent(folder(name), folder -> new TreeSet<>())
                        .add(name.substring(folder(name).length())));
    }

    /** Whether a name is that of probabilities, of one region or of all. */
    static boolean isProbabilities(String name) {
        return name.matches("(?i).*" + PART + "(_[^/]*)?\\.(nii|nii\\.gz|dcm)");
    }

    private static String folder(String name) {
        return name.substring(0, name.lastIndexOf('/') + 1);
    }

    /**
     * The names of probabilities beside a label map.
     *
     * @param name of the label map, relative to the folder
     * @param subject its id
     */
    List<String> beside(String name, String subject) {
        String folder = folder(name);
        NavigableSet<String> known = byFolder.get(folder);
        if (known == null) {
            return List.of();
        }
        String stem = name.substring(folder.length()).replaceFirst("(?i)\\.(nii|nii\\.gz|dcm)$", "");
        return Stream.of(subject, stem, stem.replaceFirst("(?i)[_-]segm?$", ""))
                .distinct()
                .flatMap(id -> known.tailSet(id + PART, true).stream().takeWhile(file -> file.startsWith(id + PART)))
                .distinct()
                .map(file -> folder + file)
                .toList();
    }
}
