package dev.preceptor.cohort;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The file that holds one image or label map, chosen among all candidates. At most one of the two is present; both are empty
 * if there are no candidates.
 *
 * @param file the only usable candidate
 * @param fault why none can be used: there are several, or the only one is known to be unreadable
 */
record FileChoice(Optional<Path> file, Optional<String> fault) {

    /**
     * Chooses a file.
     *
     * @param what the image or label map, for messages
     * @param root the folder to which messages relate the names of files
     * @param unused receives the candidates that are links to another candidate
     */
    static FileChoice of(String what, List<NiftiFiles.NamedFile> candidates, Path root, List<UnusedFile> unused) {
        List<NiftiFiles.NamedFile> distinct = distinct(candidates, unused);
        if (distinct.isEmpty()) {
            return new FileChoice(Optional.empty(), Optional.empty());
        }
        if (distinct.size() > 1) {
            return new FileChoice(Optional.empty(), Optional.of(ambiguous(what, distinct, root)));
        }
        Optional<String> fault = distinct.get(0).fault();
        return new FileChoice(
                fault.isPresent()
                        ? Optional.empty()
                        : Optional.of(distinct.get(0).path()),
                fault);
    }

    private static List<NiftiFiles.NamedFile> distinct(List<NiftiFiles.NamedFile> candidates, List<UnusedFile> unused) {
        Map<Path, NiftiFiles.NamedFile> byRealPath = new TreeMap<>();
        List<NiftiFiles.NamedFile> distinct = new ArrayList<>();
        for (NiftiFiles.NamedFile file : candidates) {
            NiftiFiles.NamedFile same = byRealPath.putIfAbsent(NiftiFiles.real(file.path()), file);
            if (same == null) {
                distinct.add(file);
            } else {
                unused.add(new UnusedFile(file.path(), "is the same file as " + same.path()));
            }
        }
        return distinct;
    }

    private static String ambiguous(String what, List<NiftiFiles.NamedFile> files, Path root) {
        String names = files.stream()
                .map(file -> root.toAbsolutePath().relativize(file.path().toAbsolutePath()))
                .map(Path::toString)
                .collect(Collectors.joining(" and "));
        return "there are " + files.size() + " files for " + what + ", " + names
                + "; keep one of them, or open the folder that holds only the right one";
    }
}
