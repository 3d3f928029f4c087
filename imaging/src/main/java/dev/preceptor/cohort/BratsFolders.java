package dev.preceptor.cohort;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds BraTS subjects by the names of their files: {@code <id>_t1ce.nii.gz} and {@code <id>-t1c.nii.gz} with every synonym
 * of a sequence, {@code seg} or {@code segm} for the label map, in folders to a depth of four, HGG and LGG among them. A label
 * map with a name of its own (case 355 of BraTS 2020 on Kaggle) belongs to the one subject of its folder.
 */
final class BratsFolders {
    private static final int DEPTH = 4;
    static final Set<String> LABEL_SUFFIXES = Set.of("seg", "segm");

    private BratsFolders() {}

    /** What lies together under one id in one folder; images or labels may be missing. */
    record Found(String id, Map<Sequence, ImageFile> images, Optional<Path> labels) {}

    static List<Found> below(Path root) {
        List<Found> found = new ArrayList<>();
        visit(root, 0, found);
        return found;
    }

    private static void visit(Path folder, int depth, List<Found> found) {
        List<Path> entries = entries(folder);
        found.addAll(inFolder(folder, entries));
        if (depth < DEPTH) {
            entries.stream().filter(Files::isDirectory).forEach(child -> visit(child, depth + 1, found));
        }
    }

    /** The visible entries of a folder by name. */
    static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> !p.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new InvalidFileException(folder, "cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }

    private static List<Found> inFolder(Path folder, List<Path> entries) {
        Map<String, Map<Sequence, ImageFile>> images = new TreeMap<>();
        Map<String, Path> labels = new TreeMap<>();
        for (Path file : entries) {
            Optional<String> stem = stem(file);
            if (stem.isEmpty() || !Files.isRegularFile(file)) {
                continue;
            }
            int cut = Math.max(stem.get().lastIndexOf('_'), stem.get().lastIndexOf('-'));
            String suffix = stem.get().substring(cut + 1);
            String id = cut > 0
                    ? stem.get().substring(0, cut)
                    : folder.getFileName().toString();
            if (LABEL_SUFFIXES.contains(suffix.toLowerCase(Locale.ROOT))) {
                labels.putIfAbsent(id, file);
            } else {
                Sequence.ofSynonym(suffix)
                        .ifPresent(sequence -> images.computeIfAbsent(id, k -> new TreeMap<>())
                                .putIfAbsent(sequence, ImageFile.of(file)));
            }
        }
        if (images.size() == 1 && labels.size() == 1) {
            return List.of(new Found(
                    images.keySet().iterator().next(),
                    images.values().iterator().next(),
                    labels.values().stream().findFirst()));
        }
        List<Found> found = new ArrayList<>();
        images.forEach((id, files) -> found.add(new Found(id, files, Optional.ofNullable(labels.remove(id)))));
        labels.forEach((id, file) -> found.add(new Found(id, Map.of(), Optional.of(file))));
        return found;
    }

    /** The name of a NIfTI file without its extension; empty for any other file. */
    static Optional<String> stem(Path file) {
        String name = file.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        for (String extension : List.of(".nii.gz", ".nii")) {
            if (lower.endsWith(extension)) {
                return Optional.of(name.substring(0, name.length() - extension.length()));
            }
        }
        return Optional.empty();
    }
}
