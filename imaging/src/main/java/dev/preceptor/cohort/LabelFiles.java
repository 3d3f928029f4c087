package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The label maps at a place, by subject: one file, a flat folder of {@code <id>.nii.gz} or {@code <id>_seg.nii.gz}, BraTS folders,
 * or a data set with a {@code dataset.json}.
 *
 * @param where the place
 * @param byId the files, at least one
 * @param description the {@code dataset.json} that says what the labels mean, if there is one
 */
public record LabelFiles(Path where, SortedMap<String, Path> byId, Optional<Path> description) {
    /** What predict writes beside its label maps. */
    private static final Pattern PROBABILITIES = Pattern.compile(".+_prob_(WT|TC|ET)");

    public LabelFiles {
        byId = Collections.unmodifiableSortedMap(new TreeMap<>(byId));
    }

    /**
     * Finds the label maps; reads none.
     *
     * @throws InvalidCohortException if there is none, or two have one id
     */
    public static LabelFiles at(Path where) {
        SortedMap<String, Path> byId = new TreeMap<>();
        Optional<Path> description = Optional.empty();
        if (Files.isRegularFile(where)) {
            description = DatasetJson.describing(where.toAbsolutePath().getParent());
            byId.put(id(where).orElse(where.getFileName().toString()), where);
        } else if (!Files.isDirectory(where)) {
            throw new InvalidCohortException(where + ": no such file or folder");
        } else if (DatasetJson.filesAt(where).size() == 1) {
            description = Optional.of(DatasetJson.filesAt(where).get(0));
            // Only where the files lie is asked, not what their labels mean.
            DatasetJson data = DatasetJson.read(description.get(), Optional.of(LabelSchema.BRATS_2018));
            data.cohort().subjects().forEach(s -> s.labelFile().ifPresent(file -> byId.put(s.id(), file)));
        } else {
            description = DatasetJson.describing(where);
            List<Path> flat = BratsFolders.entries(where).stream()
                    .filter(p -> Files.isRegularFile(p) && id(p).isPresent())
                    .toList();
            flat.forEach(file -> put(byId, id(file).orElseThrow(), file));
            if (flat.isEmpty()) {
                BratsFolders.below(where).forEach(f -> f.labels().ifPresent(file -> put(byId, f.id(), file)));
            }
        }
        if (byId.isEmpty()) {
            throw new InvalidCohortException(
                    where + ": no label map found; expected <id>.nii.gz, <id>_seg.nii.gz or BraTS"
                            + " folders with a seg file each");
        }
        return new LabelFiles(where, byId, description);
    }

    /**
     * What the labels mean, where a {@code dataset.json} says so.
     *
     * @throws dev.preceptor.base.InvalidFileException if it names labels that are not known, or a label map declares others
     */
    public Optional<SchemaDecision> described() {
        return description.map(file -> SchemaDecision.describedBy(file).confirmedBy(List.copyOf(byId.values())));
    }

    private static void put(SortedMap<String, Path> byId, String id, Path file) {
        Path other = byId.putIfAbsent(id, file);
        if (other != null) {
            throw new InvalidCohortException(
                    "subject " + id + " has two label maps, " + other + " and " + file + "; remove one of them");
        }
    }

    /** The id in a file's name; empty for an image of a sequence, for probabilities and for what is no NIfTI file. */
    public static Optional<String> id(Path file) {
        return BratsFolders.stem(file)
                .filter(stem -> !PROBABILITIES.matcher(stem).matches())
                .flatMap(stem -> {
                    int cut = Math.max(stem.lastIndexOf('_'), stem.lastIndexOf('-'));
                    String suffix = stem.substring(cut + 1).toLowerCase(Locale.ROOT);
                    if (cut > 0 && BratsFolders.LABEL_SUFFIXES.contains(suffix)) {
                        return Optional.of(stem.substring(0, cut));
                    }
                    return Sequence.ofSynonym(suffix).isPresent() ? Optional.empty() : Optional.of(stem);
                });
    }
}
